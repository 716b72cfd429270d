"""Credit that moves between books: partner books, who moves away, who comes, and their clearing."""

"""Raw SQL against the books: what is refused, and what gets in and is found."""

"""Jobs: what the bank does by itself, when it is due, and what is remembered of it."""

"""Statements: opening, lines and closing of an account, as people and programs read them."""

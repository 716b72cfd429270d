"""Receipts: who may have one, how it is made, and what it says in words."""

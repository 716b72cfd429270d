"""Random histories of a ledger, held against a small ledger in memory after each step."""

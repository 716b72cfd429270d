"""Accounts, minutes, entries, holds and the signed log: the books of any time bank, or of none."""

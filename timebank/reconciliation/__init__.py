"""Reconciliation: every difference in the books is found, owned and closed."""

"""Tests of `ledger/`, mirroring its modules."""

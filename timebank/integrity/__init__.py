"""Integrity: patterns that honest work seldom leaves, and figures of every handler's work."""

"""Clearing between districts: statements of a month, their comparison, netting, and an end."""

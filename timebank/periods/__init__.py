"""Periods: closing a month of the book, and what a closing states."""

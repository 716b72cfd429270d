"""Stations: where care is recorded, and the staff who record it."""

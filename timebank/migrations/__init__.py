"""Migrations: the tables as they were frozen, one step after another."""

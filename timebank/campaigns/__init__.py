"""Campaigns of a month: units, their project tables, activities with rosters, figures, packages."""

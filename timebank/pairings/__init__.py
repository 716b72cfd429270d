"""结对: volunteers who promised one elder to come, month by month, and whether they did."""

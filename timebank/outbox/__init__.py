"""What people are told: in the order in which it happened, at least once, and always on paper."""

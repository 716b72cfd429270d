"""The closing-down kit: what an operator leaves behind, verified and reopened without them."""

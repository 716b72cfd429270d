"""HTTP and pages of the time bank; holds no rule and touches no table."""

"""The written statement that each member gets as often a year as the policy says, on paper."""

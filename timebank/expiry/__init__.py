"""到期: credit that the policy ends after so many months, announced to its holder long before."""

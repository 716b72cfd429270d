"""The register and the members that the demonstration begins with; all people are invented."""

"""Public notice (公示): what was recorded is shown under masks before credit moves."""

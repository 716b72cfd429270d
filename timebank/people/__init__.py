"""People: who earns and who receives, with names that only the vault can read."""

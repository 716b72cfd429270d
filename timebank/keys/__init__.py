"""Signing keys: who brings one in, who ends one, and what the root keys must say to it."""

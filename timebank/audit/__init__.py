"""Audit: the bundle that an auditor takes away, and the verifier that needs nothing else."""

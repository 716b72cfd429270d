"""Processes, servers and disks that end at the worst moment."""

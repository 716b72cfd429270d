"""Tests; their folders mirror the source."""

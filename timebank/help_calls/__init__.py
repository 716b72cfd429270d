"""Calls for a clerk: somebody at a kiosk pressed the button for help."""

"""Stories: one user, from the door to what they leave with, over HTTP."""

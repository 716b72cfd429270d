"""Service records: care that was given, reviewed and credited."""

"""Who could go to whom: facts, hard rules, a ranking with reasons, and a whole day at once."""

"""Policy is data: profiles with a clause for every value, and pure rules that read them."""

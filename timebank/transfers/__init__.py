"""Credit that moves without a service: gifts, donations, grants, and what fills the grant fund."""

"""How fast the ledger is, always beside the limit of the machine and database it ran on."""

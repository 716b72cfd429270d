"""The time bank on top of the ledger: people, stations, services, policy; no HTTP."""

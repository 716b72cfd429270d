"""One file a check; ``timebank.reconciliation.registry`` lists them in their order."""

"""The ledger: mailings, deliveries, workers and the messages made from their rows."""

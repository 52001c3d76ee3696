"""The ledger and the sending: mailings, deliveries, workers, SMTP sessions (docs/delivery.md)."""

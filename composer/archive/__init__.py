"""Letters that were sent, on the web: pages, feeds, search. Made from the ledger and the folder, and disposable."""

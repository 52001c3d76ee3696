"""Send rates and connection quotas shared by all workers, and each worker's backoff from a relay."""

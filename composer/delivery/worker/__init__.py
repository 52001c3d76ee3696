"""A sending process: prefetch, connections, outcomes, group commit, heartbeat."""

"""How fast and how wide: rates and connections shared by all workers, and pauses before a relay."""

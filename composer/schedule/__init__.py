"""The hour: what is due, what became of it, and who is told."""

"""Scheduler: decide what is due, record what became of it, and send notifications about it."""

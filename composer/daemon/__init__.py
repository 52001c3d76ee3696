"""The daemon: scheduler, worker and public pages in one process."""

"""The daemon: the alarm clock, the worker and the readers' pages in one process."""

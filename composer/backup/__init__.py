"""Backup and restore: one archive of what cannot be made again, and a restored newsroom that sends nothing twice."""

from composer.backup.making import back_up
from composer.backup.restoring import Restored, restore

__all__ = ["Restored", "back_up", "restore"]

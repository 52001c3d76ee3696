"""The ledger and the sending: mailings, deliveries, workers, SMTP sessions (docs/delivery.md)."""

from composer.delivery.mailings import cancel, outcomes, pause, release, resume
from composer.delivery.opening import open_mailing
from composer.delivery.worker import Worker

__all__ = ["Worker", "cancel", "open_mailing", "outcomes", "pause", "release", "resume"]

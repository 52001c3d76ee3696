"""MIME messages: an edition as a template with slots, return paths, DKIM. Knows nothing of subscribers."""

from composer.message.address import ascii_address
from composer.message.build import build, feedback_id
from composer.message.carried import CarriedPicture
from composer.message.envelope import Envelope, Message
from composer.message.template import MessageSlot, SlotValues, Template

__all__ = [
    "CarriedPicture",
    "Envelope",
    "Message",
    "MessageSlot",
    "SlotValues",
    "Template",
    "ascii_address",
    "build",
    "feedback_id",
]

"""The message: one edition as MIME bytes with slots, its return path, its signature. It knows no subscriber."""

from composer.message.address import ascii_address
from composer.message.build import build, feedback_id
from composer.message.envelope import Envelope, Message
from composer.message.template import Slot, SlotValues, Template

__all__ = ["Envelope", "Message", "Slot", "SlotValues", "Template", "ascii_address", "build", "feedback_id"]

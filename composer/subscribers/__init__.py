"""People, their subscriptions and consent; suppression; unsubscribe tokens; import and export."""

from composer.subscribers.address import Address, read_address
from composer.subscribers.person import find_person, forget
from composer.subscribers.recipients import recipients
from composer.subscribers.subscription import subscribe, unsubscribe
from composer.subscribers.suppression import suppress
from composer.subscribers.tokens import read_unsubscribe_token, token_reader, unsubscribe_token

__all__ = [
    "Address",
    "find_person",
    "forget",
    "read_address",
    "read_unsubscribe_token",
    "recipients",
    "subscribe",
    "suppress",
    "token_reader",
    "unsubscribe",
    "unsubscribe_token",
]

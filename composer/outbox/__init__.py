"""Single messages: a confirmation, a link, one message to one address. One row a message, sent at most once.

Beside ``subscribers``, of which it knows nothing. What decides that an address is written to adds a row with
``put_message``; every worker sends what waits here ahead of its mailings (``composer.delivery.worker.singles``).

To add a kind of message: its name in ``texts.MESSAGE_KINDS``; ``templates/mail/<kind>.html.j2`` and ``<kind>.txt.j2``,
its first line the subject, with the French of their texts in ``locale/fr/outbox.po``; then
``texts.written_message`` and ``put_message`` where it is decided. Sending, deferring, doubting, forgetting and purging
need nothing more.
"""

from composer.outbox.queue import SingleMessage, erase_messages, put_message, put_within
from composer.outbox.state import SingleState
from composer.outbox.texts import MESSAGE_KINDS, written_message

__all__ = [
    "MESSAGE_KINDS",
    "SingleMessage",
    "SingleState",
    "erase_messages",
    "put_message",
    "put_within",
    "written_message",
]

"""What readers asked for at the pages, answered: the daemon's side of the doors.

The process that faces the internet adds request rows (``composer.subscribers.requests``) and holds no key. Here a
request becomes what it asks for: a pending sign-up and the message that asks to confirm, or a subscription.
``subscribers`` and ``outbox`` know nothing of each other; this room joins them.

A next page adds its kind of request in ``subscribers.requests``, its path in ``newsroom.public_paths``, its endpoint in
``composer.public`` and its branch in ``answering``; where it mails something, a kind of message (``composer.outbox``).
"""

from composer.doors.answering import ONE_LOOK, answer_requests, anything_asked

__all__ = ["ONE_LOOK", "answer_requests", "anything_asked"]

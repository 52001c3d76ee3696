"""What comes back: bounces, complaints, automatic answers and requests to leave that arrive by mail.

``judge`` says what one message is, in a process of its own (``child``); ``identity`` says of which delivery. Nothing
that came in is ever answered. ``reconcile`` settles doubts by the relays' own logs (``relay_logs``).
"""

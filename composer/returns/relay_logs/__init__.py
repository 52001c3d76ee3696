"""Relays' logs, of Postfix and Exim: which letters of ours they kept, began or dropped, and the next hop's answers.

``lines`` reads files into lines by time; ``postfix`` and ``exim`` understand their daemon's; ``letters`` holds what was
found; ``read`` does all of it.
"""

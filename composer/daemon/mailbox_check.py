"""Doctor's look at the mailbox of what comes back: does the log-in work, and how much waits?"""

from __future__ import annotations

from composer.errors import Refused
from composer.locale import gettext as _
from composer.locale import ngettext
from composer.newsroom.model import Newsroom


def look_at_mailbox(newsroom: Newsroom) -> str:
    """Log in, open the folder, and leave everything as it is. Raises as ``open_mailbox``."""
    from composer.returns.mailbox import open_mailbox  # imaplib and TLS, which no other check needs

    configured = newsroom.settings.returns.mailbox
    if configured is None:
        raise Refused(_("no mailbox is configured: docs/returns.md says what to write in config/newsroom.yaml"))
    with open_mailbox(configured) as box:
        held = len(box.after(0))
    told = ngettext(
        "{user} is let in at {host}; {folder} holds {count} message",
        "{user} is let in at {host}; {folder} holds {count} messages",
        held,
    )
    return told.format(user=configured.user, host=configured.host, folder=configured.folder, count=held)

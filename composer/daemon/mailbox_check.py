"""Doctor's look at what comes back: is there a door for it? Does the log-in of the mailbox work, and how much waits?"""

from __future__ import annotations

from composer.doctor.lookups import NotKnown
from composer.errors import Refused
from composer.locale import gettext as _
from composer.locale import ngettext
from composer.newsroom.model import Newsroom


def look_at_returns(newsroom: Newsroom) -> str:
    """By which ways it is read. Raises ``NotKnown`` without any."""
    returns, hooks = newsroom.settings.returns, newsroom.settings.hooks
    ways = [
        _("the mailbox {user} at {host}").format(user=each.user, host=each.host) for each in [returns.mailbox] if each
    ]
    ways += [_("LMTP at {address}").format(address=returns.lmtp)] if returns.lmtp else []
    ways += [_("a mail server’s pipe")] if returns.pipe else []
    ways += [_("reports of {provider}").format(provider=each) for each in (hooks.providers if hooks else ())]
    if not ways:
        raise NotKnown(
            _(
                "what comes back is not known: no door is open to it. Who has no mailbox any more is written to for "
                "ever, and who complains, too; docs/returns.md opens one"
            )
        )
    return _("what comes back is read: {ways}").format(ways=", ".join(ways))


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

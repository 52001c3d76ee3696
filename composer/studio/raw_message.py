"""The whole message of a letter, as its bytes would go out by SMTP, but for what each reader's own copy holds."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from composer.approval.messages import messages
from composer.approval.model import FrozenEdition, Seal
from composer.issue.edition import Edition
from composer.message.trial import trial_values
from composer.newsroom.model import Newsroom
from composer.rendering.model import Rendering
from composer.schedule.calendar import instant

#: The address that the message is to: of no person.
_READER = "reader@example.org"


def raw_message(newsroom: Newsroom, edition: Edition, rendering: Rendering) -> str:
    """The message to ``_READER``, dated at the hour of departure: ASCII, lines end in CRLF. It is unsigned, its links
    of one reader lead nowhere, and its pictures are named by their addresses.

    Raises ``Refused`` where none can be built.
    """
    key, zone = edition.key, ZoneInfo(newsroom.settings.timezone)
    at: datetime = instant(key.date, edition.publication.schedule.at, zone)
    frozen = FrozenEdition(rendering.subject, rendering.html, rendering.text, rendering.slots)
    editions = {(edition.audience, edition.language): frozen}
    unsealed = Seal(key, "", "", at, rendering.subject, rendering.preheader, editions, {})
    (template,) = messages(unsealed, newsroom, key.publication, key, at).values()
    return template.fill(trial_values(_READER, at)).decode("ascii", "replace")

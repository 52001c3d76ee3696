"""Build message templates from a seal's editions, for a mailing and for ``filigrane render``."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from composer.approval.model import Seal
from composer.errors import Refused
from composer.issue.model import IssueKey
from composer.locale import gettext as _
from composer.message import CarriedPicture, Template, ascii_address, build, feedback_id
from composer.newsroom.model import Newsroom

_DOMAIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")


def messages(
    seal: Seal,
    newsroom: Newsroom,
    publication_id: str,
    key: IssueKey,
    dated: datetime | None,
    pictures: Sequence[CarriedPicture] = (),
) -> Mapping[tuple[str, str], Template]:
    """The message template of each edition, by audience and language; ``pictures`` are carried inside. Without
    ``dated`` the Date header is each reader's own.

    Raises ``Refused`` where one cannot be built.
    """
    settings, campaign = newsroom.settings, f"{key.date:%Y%m%d}{key.slug}"
    spoken = {language: newsroom.publications[publication_id].in_language(language) for _, language in seal.editions}
    return {
        (audience, language): build(
            subject=edition.subject,
            from_name=publication.from_name or publication.title,
            from_address=publication.from_,
            reply_to=publication.reply_to,
            list_name=publication.title,
            list_id=list_id(newsroom, publication_id),
            language=language,
            date=None if dated is None else dated.astimezone(ZoneInfo(settings.timezone)),
            message_id_domain=from_domain(newsroom, publication_id),
            unsubscribe_prefix=f"{settings.public_url.rstrip('/')}/u/",
            leave_domain=return_domain(newsroom, publication_id) if settings.returns.open else None,
            html=edition.html,
            text=edition.text,
            sentinel=edition.slots["unsubscribe"],
            paid_copy=edition.slots.get("paid_copy"),
            feedback_id=feedback_id(campaign, publication_id, audience, sender=settings.name),
            returned_by=sorted({relay.provider for relay in settings.relays if relay.provider is not None}),
            pictures=pictures,
        )
        for (audience, language), edition in seal.editions.items()
        for publication in (spoken[language],)
    }


def list_id(newsroom: Newsroom, publication_id: str) -> str:
    """The List-Id of the publication (RFC 2919), without its angle brackets."""
    given = newsroom.publications[publication_id].list_id
    return given or f"{publication_id}.{from_domain(newsroom, publication_id)}"


def from_domain(newsroom: Newsroom, publication_id: str) -> str:
    """The domain of the publication's From address, in ASCII."""
    return ascii_address(newsroom.publications[publication_id].from_).rpartition("@")[2]


def return_domain(newsroom: Newsroom, publication_id: str) -> str:
    """The domain of the return path (VERP). Raises ``Refused`` if the configured one is not a domain name."""
    settings = newsroom.settings
    dkim = settings.dkim.domain if settings.dkim else None
    domain = settings.bounces or dkim or from_domain(newsroom, publication_id)
    if not _DOMAIN.fullmatch(domain):
        raise Refused(_("{domain}: no domain for returns; in config/newsroom.yaml, see bounces").format(domain=domain))
    return domain

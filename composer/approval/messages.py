"""Build message templates from a seal's editions, for a mailing and for ``filigrane render``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from composer.approval.model import Seal
from composer.issue.model import IssueKey
from composer.message import CarriedPicture, Template, ascii_address, build, feedback_id
from composer.newsroom.model import Newsroom


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
            list_id=publication.list_id or f"{publication_id}.{from_domain(newsroom, publication_id)}",
            language=language,
            date=None if dated is None else dated.astimezone(ZoneInfo(settings.timezone)),
            message_id_domain=from_domain(newsroom, publication_id),
            unsubscribe_prefix=f"{settings.public_url.rstrip('/')}/u/",
            html=edition.html,
            text=edition.text,
            sentinel=edition.slots["unsubscribe"],
            paid_copy=edition.slots.get("paid_copy"),
            feedback_id=feedback_id(campaign, publication_id, audience, sender=settings.name),
            pictures=pictures,
        )
        for (audience, language), edition in seal.editions.items()
        for publication in (spoken[language],)
    }


def from_domain(newsroom: Newsroom, publication_id: str) -> str:
    """The domain of the publication's From address, in ASCII."""
    return ascii_address(newsroom.publications[publication_id].from_).rpartition("@")[2]

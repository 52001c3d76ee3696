"""What the last mailing of a publication said of itself, beside what the next one would say; and how many readers each
provider has.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from email import policy
from email.parser import BytesHeaderParser
from email.utils import parseaddr

from sqlalchemy import Connection, func, select

from composer import clock
from composer.approval.messages import list_id
from composer.database import connect, read_only, require_current
from composer.delivery.providers import domain_of, domains, groups
from composer.delivery.tables import mailing_editions, mailings
from composer.doctor.faults import Fault, Looked
from composer.doctor.lookups import NotKnown
from composer.errors import FiligraneError
from composer.locale import gettext as _
from composer.message import ascii_address
from composer.message.template import Template
from composer.newsroom.environment import database_url
from composer.newsroom.model import Newsroom
from composer.source.vocabulary import key_name
from composer.subscribers.recipients import recipients


def identity(newsroom: Newsroom, publication_id: str) -> Looked:
    """The same with the newsroom's database. Raises ``NotKnown`` without it."""
    with _reading(newsroom) as connection:
        return look_at_identity(connection, newsroom, publication_id)


def provider_shares(newsroom: Newsroom) -> Mapping[str, int]:
    """``readers_by_provider`` with the newsroom's database. Raises ``NotKnown`` without it."""
    with _reading(newsroom) as connection:
        return readers_by_provider(connection, newsroom)


@contextmanager
def _reading(newsroom: Newsroom) -> Iterator[Connection]:
    try:
        engine = connect(database_url(newsroom), newsroom.root)
        require_current(engine)
    except FiligraneError as error:  # the check of the database reports it
        raise NotKnown(_("not known without the database")) from error
    try:
        with read_only(engine).connect() as connection:
            yield connection
    finally:
        engine.dispose()


def look_at_identity(connection: Connection, newsroom: Newsroom, publication_id: str) -> Looked:
    """Whether List-Id, From and d= are those of the last mailing: readers' filters and providers know a letter by
    them.
    """
    columns = mailings.c
    real = columns.publication == publication_id, columns.rehearsal == 0, columns.state != "cancelled"
    asked = select(columns.id, columns.date, columns.dkim_domain).where(*real).order_by(columns.opened_at.desc())
    last = connection.execute(asked.limit(1)).first()
    if last is None:
        return Looked(_("no mailing yet to compare with"))
    of_last = mailing_editions.c.mailing_id == last.id
    blob = connection.execute(select(mailing_editions.c.template).where(of_last).limit(1)).scalar_one_or_none()
    try:
        template = Template.loads(blob or b"")
    except FiligraneError:
        return Looked(
            _("the letter of {date} cannot be compared with: its frozen message is gone").format(date=last.date)
        )
    head = b"".join(template.chunks).partition(b"\r\n\r\n")[0]
    was = BytesHeaderParser(policy=policy.compat32).parsebytes(head + b"\r\n\r\n")
    dkim = newsroom.settings.dkim
    pairs = (
        (
            "List-Id",
            str(was["List-Id"] or "").rpartition("<")[2].rstrip("> "),
            list_id(newsroom, publication_id),
            "list_id",
        ),
        (
            "From",
            parseaddr(str(was["From"] or ""))[1],
            ascii_address(newsroom.publications[publication_id].from_),
            "from",
        ),
        ("d=", last.dkim_domain or "", dkim.domain if dkim else "", "dkim"),
    )
    says = _(
        "{field} was {was} in the letter of {date}, and is {now} now: filters and addresses that readers saved know it "
        "by the former. Where that was not meant, put it back ({key})"
    )
    faults = tuple(
        Fault(
            "identity-changed",
            says.format(
                field=field, was=before, date=last.date, now=after or "–", key=key_name(key, newsroom.settings.keys)
            ),
        )
        for field, before, after, key in pairs
        if before and before.lower() != after.lower()
    )
    said = _("List-Id, From and d= are those of the letter of {date}")
    return Looked(said.format(date=last.date), faults)


def readers_by_provider(connection: Connection, newsroom: Newsroom) -> Mapping[str, int]:
    """How many letters each mailbox provider gets on a day on which every publication leaves."""
    known, found = domains(groups(newsroom)), dict[str, int]()
    for publication_id in newsroom.publications:
        people = recipients(publication_id, clock.now()).order_by(None).subquery()
        joined = people.join(known, known.c.domain == domain_of(people.c.email))
        counted = select(known.c.provider, func.count()).select_from(joined).group_by(known.c.provider)
        for provider, number in connection.execute(counted):
            found[provider] = found.get(provider, 0) + number
    return found

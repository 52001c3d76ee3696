"""A newsroom whose letters were sent and accepted, and the site that is made of them."""

from __future__ import annotations

import email
import email.policy
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date as Date
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml
from sqlalchemy import Engine, select, update

from composer.approval.freeze import approve
from composer.approval.model import Sealed
from composer.approval.translations import whole_verdict
from composer.approval.verify import publish_media
from composer.archive.paid_copies import copy_steps
from composer.archive.site import SITE, STORE, Site, site_steps
from composer.archive.store import ArchiveStore
from composer.database import db_now, read_only
from composer.delivery.ledger.enqueue import open_mailing
from composer.delivery.ledger.messages import MessageInputs, build_message, mailing_templates
from composer.delivery.tables import deliveries, mailings
from composer.issue import key_of
from composer.newsroom import load_newsroom
from composer.newsroom.environment import database_url
from composer.newsroom.model import Newsroom
from composer.subscribers import read_address, subscribe
from composer.subscribers.tables import subscribers
from tests.support.address_keys import open_database
from tests.support.newsrooms import FRIDAY, ISSUE, configure, write_issue, write_newsroom

SECRET = b"\x09" * 32
PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 12, 31, 12, tzinfo=PARIS)


@dataclass
class SampleArchive:
    """A newsroom's folder with an open archive, its ledger, and the site below ``var/``."""

    root: Path

    @property
    def newsroom(self) -> Newsroom:
        return load_newsroom(self.root)

    @cached_property
    def engine(self) -> Engine:
        engine = open_database(database_url(self.newsroom), self.root, create=True)
        with engine.begin() as connection:
            if connection.execute(select(subscribers.c.id)).first() is not None:
                return engine  # begun before
            for number, language in enumerate(("fr", "en")):
                for name in ("vendredi", "samedi"):
                    reader = read_address(f"lectrice-{number}@lecteurs.example")
                    subscribe(connection, reader, name, source="form", language=language)
        return engine

    @cached_property
    def site(self) -> Site:
        return Site(self.root / SITE, ArchiveStore(self.root / STORE), searchable=True)

    def configure(self, name: str = "vendredi", **keys: object) -> None:
        configure(self.root, name, **keys)

    def settings(self, **keys: object) -> None:
        path = self.root / "config" / "newsroom.yaml"
        held = yaml.safe_load(path.read_text(encoding="utf-8")) | keys
        kept = {key: value for key, value in held.items() if value is not None}
        path.write_text(yaml.safe_dump(kept, allow_unicode=True, sort_keys=False), encoding="utf-8")

    def pays(self, email: str = "abonnee@lecteurs.example", name: str = "vendredi", **said: Any) -> int:
        """A subscription that is paid for."""
        with self.engine.begin() as connection:
            return subscribe(connection, read_address(email), name, source="form", tier="paid", **said)

    def left(self, mailing: int, ago: timedelta) -> None:
        """The mailing left so long ago, by the clock of the database."""
        with self.engine.begin() as connection:
            these = update(mailings).where(mailings.c.id == mailing)
            connection.execute(these.values(dated=db_now(-ago.total_seconds())))

    def copies(self, now: datetime) -> list[str]:
        """Bring the paid copies up to date; what was made or taken away."""
        return list(copy_steps(self.site, self.newsroom, self.engine, now))

    def letters(self, mailing: int) -> dict[str, str]:
        """The text of the message that each address gets."""
        found = {}
        with read_only(self.engine).connect() as connection:
            common = mailing_templates(connection, mailing, lambda: None, SECRET)
            rows = connection.execute(select(deliveries).where(deliveries.c.mailing_id == mailing)).all()
        for row in rows:
            of_row = MessageInputs(mailing, row.edition_id, row.subscriber_id, row.subscription_id, row.email)
            content = build_message(common, of_row, SECRET).content
            message = email.message_from_bytes(content, policy=email.policy.default)
            body = message.get_body(("plain",))
            assert body is not None
            found[row.email] = str(body.get_content())
        return found

    def copy_link(self, mailing: int, address: str = "abonnee@lecteurs.example") -> str:
        """The token in the letter that ``address`` gets."""
        (token,) = re.findall(r"/copy/([\w-]+)", self.letters(mailing)[address])
        return str(token)

    def approved(self, date: Date = FRIDAY, text: str = ISSUE, subject: str = "La digue tiendra") -> Path:
        path = write_issue(self.root, "vendredi", date, text, subject)
        approve(path, self.newsroom, "Odile Ferrand")
        return path

    def send(
        self, date: Date = FRIDAY, text: str = ISSUE, subject: str = "La digue tiendra", state: str | None = "accepted"
    ) -> int:
        """Write, approve and open the mailing of an issue; its deliveries get ``state``, unless that is None."""
        path = self.approved(date, text, subject)
        return self.open(path, state)

    def open(self, path: Path, state: str | None = "accepted") -> int:
        newsroom = self.newsroom
        sealed = whole_verdict(path, newsroom)
        assert isinstance(sealed, Sealed), sealed
        publish_media(sealed.seal, newsroom)
        key = key_of(path, newsroom)
        dated = datetime.combine(key.date, datetime.min.time(), PARIS) + timedelta(hours=7)
        with self.engine.begin() as connection:
            mailing = open_mailing(
                connection,
                seal=sealed.seal,
                newsroom=newsroom,
                publication_id=key.publication,
                key=key,
                dated=dated,
                secret=SECRET,
            )
            assert mailing is not None
        if state is not None:
            self.settle(mailing, state)
        return mailing

    def settle(self, mailing: int, state: str, *, canary: bool = False) -> None:
        with self.engine.begin() as connection:
            these = update(deliveries).where(deliveries.c.mailing_id == mailing)
            connection.execute(these.values(state=state, canary=canary))

    def look(self, now: datetime = NOW) -> list[str]:
        """Bring the site up to date; what was made, in its order."""
        return list(site_steps(self.site, self.newsroom, self.engine, now))

    def files(self) -> dict[str, str]:
        """Each text file of the site."""
        top = self.root / SITE
        return {
            str(path.relative_to(top)): path.read_text(encoding="utf-8")
            for path in sorted(top.rglob("*"))
            if path.is_file()
        }

    def page(self, path: str = f"a/vendredi/{FRIDAY}/") -> str:
        return (self.root / SITE / path / "index.html").read_text(encoding="utf-8")

    def close(self) -> None:
        self.engine.dispose()
        if "site" in vars(self):
            self.site.store.close()
            shutil.rmtree(self.root / "var" / "archive", ignore_errors=True)


def sample_archive(root: Path, since: Date = Date(2026, 11, 1), **settings: object) -> SampleArchive:
    """A newsroom whose Friday's letters of ``since`` and later stand on the web."""
    write_newsroom(root, **settings)  # type: ignore[arg-type] # reason: passed on
    found = SampleArchive(root)
    found.configure(archive={"since": since})
    return found


def weeks(count: int, first: Date = FRIDAY) -> Sequence[Date]:
    return [first + timedelta(weeks=week) for week in range(count)]

"""No paid sentence and no token is public: in pages, feeds, indexes and the search, of generated issues.

Where paid copies are open, a paid sentence is behind their link, and behind no other address.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from datetime import date as Date
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from PIL import Image
from sqlalchemy import Engine, select, text, update

from composer.approval.model import FrozenEdition, Seal
from composer.archive.paid_copies import COPIES, copy_steps
from composer.archive.search import search_letters
from composer.archive.site import INDEX, SITE, STORE, Site, site_steps
from composer.archive.stems import indexed
from composer.archive.store import ArchiveStore
from composer.delivery.ledger.enqueue import open_mailing
from composer.delivery.tables import deliveries
from composer.issue.blocks import Audience
from composer.issue.compose import compose
from composer.newsroom.model import Newsroom
from composer.public import app
from composer.rendering import render
from composer.subscribers import read_address, subscribe, token_reader
from composer.subscribers.tokens import copy_token
from tests.archive.support.sample_archive import NOW, SECRET
from tests.issue.support.issue_strategies import MARK, SECRET_FILES, Blocks, issues_with_secrets
from tests.issue.support.sample_issue import DAY, issue, newsroom
from tests.public.support.page_server import serving
from tests.support import databases
from tests.support.address_keys import open_database

FREE = "un passage libre"


class Public:
    """A newsroom whose one letter is replaced by each generated issue."""

    def __init__(self, root: Path, feed: str) -> None:
        self.house: Newsroom = newsroom(
            root, publication={"archive": {"since": Date(2026, 1, 1), "feed": feed, "paid_copies": True}}
        )
        for name in SECRET_FILES:
            Image.new("RGB", (16, 9), "#a8201a").save(root / "issues" / "samedi" / name)
        (root / "issues" / "samedi" / f"{DAY}.yaml").write_text("subject: x\nblocks: [masthead: auto]\n", "utf-8")
        self.engine: Engine = open_database("sqlite:///var/filigrane.db", root, create=True)
        with self.engine.begin() as connection:
            subscribe(connection, read_address("lectrice@lecteurs.example"), "samedi", source="form", tier="paid")

    def published(self, blocks: Blocks) -> str:
        """Everything that the public process can answer once this issue was sent, as it is."""
        root, whole = self.house.root, issue([*blocks, {"type": "quote", "text": FREE}])
        frozen: dict[tuple[Audience, str], FrozenEdition] = {}
        audiences: tuple[Audience, ...] = ("free", "paid")
        for audience in audiences:
            letter = render(compose(whole, self.house, audience), self.house)
            frozen[audience, "fr"] = FrozenEdition(letter.subject, letter.html, letter.text, letter.slots)
        seal = Seal(whole.key, "0" * 64, "A", NOW, letter.subject, letter.preheader, frozen, {})
        with self.engine.begin() as connection:
            for table in ("deliveries", "mailing_editions", "mailings"):
                connection.execute(text(f"DELETE FROM {table}"))
            mailing = open_mailing(
                connection,
                seal=seal,
                newsroom=self.house,
                publication_id="samedi",
                key=whole.key,
                dated=datetime.now(UTC),
                secret=SECRET,
            )
            assert mailing is not None
            connection.execute(update(deliveries).values(state="accepted"))
        with closing(ArchiveStore(root / STORE)) as store:
            for _step in site_steps(Site(root / SITE, store, searchable=True), self.house, self.engine, NOW):
                pass
            for _step in copy_steps(Site(root / SITE, store), self.house, self.engine, datetime.now(UTC)):
                pass
        files = [path.read_text(encoding="utf-8") for path in (root / SITE).rglob("*") if path.is_file()]
        with closing(sqlite3.connect(root / INDEX)) as index:
            rows = index.execute("SELECT * FROM letters").fetchall()
        return "\n".join([*files, json.dumps(rows, ensure_ascii=False)])

    def answers(self, client: httpx.Client) -> tuple[str, str]:
        """What the paid copy's link answers, and what everything else does: without a token, and with that one."""
        with self.engine.connect() as connection:
            (row,) = connection.execute(select(deliveries.c.subscription_id, deliveries.c.edition_id)).all()
        token = copy_token(row.subscription_id, row.edition_id, SECRET)
        paths = [f"a/samedi/{DAY}/", "search?q=libre", "copy/", f"copy/{copy_token(1, row.edition_id, b'o' * 32)}"]
        paths += [f"paid/{path.name}" for path in (self.house.root / COPIES).iterdir()]
        paths += [f"{page}/{token}" for page in ("u", "choices", "confirm", "address", "a", "media", "join")]
        before = databases.dump(self.engine)
        others = [client.get(f"/{path}").text for path in paths]
        others += [
            client.post(f"/{path}", content="List-Unsubscribe=One-Click").text for path in paths if token in path
        ]
        assert databases.dump(self.engine) == before
        return client.get(f"/copy/{token}").text, "\n".join(others)


@pytest.fixture(scope="module", params=["whole", "opening"])
def public(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Public]:
    made = Public(tmp_path_factory.mktemp("newsroom"), request.param)
    yield made
    made.engine.dispose()


@pytest.fixture(scope="module")
def client(public: Public) -> Iterator[httpx.Client]:
    pages = app(public.engine, public.house, token_reader(SECRET))
    with serving(pages, network_of=lambda _address: None) as base, httpx.Client(base_url=base, timeout=30) as client:
        yield client


@pytest.mark.slow
@given(issues_with_secrets())
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=12)
def test_nothing_that_is_paid_for_and_no_token_is_public(public: Public, client: httpx.Client, blocks: Blocks) -> None:
    whole = public.published(blocks).casefold()
    assert FREE in whole
    for hidden in (MARK, "unsubscribe", "no-reader-has", "/u/unsub", "paidcopy", "/copy/"):
        assert hidden.casefold() not in whole.replace("désabonner", ""), hidden
    found = search_letters(public.house.root / INDEX, MARK, ["samedi"])
    assert found.total == 0
    assert search_letters(public.house.root / INDEX, FREE, ["samedi"]).total == 1
    copy, others = (answer.casefold() for answer in public.answers(client))
    assert FREE in copy
    paid = render(compose(issue(blocks), public.house, "paid"), public.house)  # teasers for payers alone print nothing
    assert (MARK.casefold() in copy) == (MARK in paid.html)
    assert (FREE in others, MARK.casefold() in others) == (True, False)
    assert "no-reader-has" not in copy
    assert indexed(MARK, "fr").encode() not in (public.house.root / INDEX).read_bytes()


def test_the_search_for_secrets_would_find_one(public: Public) -> None:
    open_: dict[str, Any] = {"type": "article", "headline": "Titre", "body": f"Texte {MARK}."}
    assert public.published([open_]).casefold().count(MARK) >= 3
    assert search_letters(public.house.root / INDEX, MARK, ["samedi"]).total == 1

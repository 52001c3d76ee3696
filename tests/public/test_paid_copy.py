"""The link to a paid copy, on a real socket: what opens, what does not and why, and what its token cannot do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Connection, text, update

from composer.archive.paid_copies import COPIES, copy_name
from composer.database import db_now
from composer.public import app
from composer.subscribers import forget, read_address, token_reader, unsubscribe, unsubscribe_token
from composer.subscribers.tables import subscriptions
from composer.subscribers.tokens import copy_token
from tests.archive.support.sample_archive import SECRET, SampleArchive, sample_archive
from tests.public.support.page_server import serving
from tests.support import databases
from tests.support.newsrooms import FRIDAY

PAID = "Un loyer de douze euros"
PAYER = "abonnee@lecteurs.example"
FREE = f"https://lettre.example.org/a/vendredi/{FRIDAY}/"


@dataclass
class Sent:
    """A letter that left an hour ago, to one who pays."""

    archive: SampleArchive
    client: httpx.Client
    number: int
    mailing: int

    @property
    def token(self) -> str:
        return self.archive.copy_link(self.mailing)

    def get(self, token: str | None = None) -> httpx.Response:
        return self.client.get(f"/copy/{self.token if token is None else token}")


@pytest.fixture
def sent(tmp_path: Path) -> Iterator[Sent]:
    archive = sample_archive(tmp_path / "newsroom", choices=True)
    archive.configure(archive={"since": FRIDAY, "paid_copies": True})
    number = archive.pays()
    mailing = archive.send()
    archive.left(mailing, timedelta(hours=1))
    archive.copies(datetime.now(UTC))
    archive.look()
    with (
        serving(app(archive.engine, archive.newsroom, token_reader(SECRET, b"f" * 32))) as base,
        httpx.Client(base_url=base, timeout=30) as client,
    ):
        yield Sent(archive, client, number, mailing)
    archive.close()


def test_it_opens_for_who_pays_and_nothing_keeps_it(sent: Sent) -> None:
    answer = sent.get()
    assert answer.status_code == 200
    assert PAID in answer.text
    heads = answer.headers
    assert heads["cache-control"] == "no-store"
    assert heads["referrer-policy"] == "no-referrer"
    assert heads["x-robots-tag"] == "noindex, nofollow, noarchive"
    assert "script-src 'none'" in heads["content-security-policy"]
    assert "frame-ancestors 'none'" in heads["content-security-policy"]
    assert not {"set-cookie", "etag", "last-modified"} & set(heads)
    for own in (sent.token, PAYER, str(sent.number).rjust(9)):
        assert own not in answer.text
    assert sent.client.head(f"/copy/{sent.token}").status_code == 200
    assert [sent.get(f"{sent.token}{end}").status_code for end in ("/", ".", "/.")] == [200] * 3
    assert sent.get(copy_token(sent.number, 2, b"f" * 32)).status_code == 200, "a former key's"
    other = sent.archive.pays("autre@lecteurs.example")
    assert sent.get(copy_token(other, 2, SECRET)).text == answer.text, "the page is nobody's"


def test_it_opens_no_more_once_the_reader_pays_no_more(sent: Sent) -> None:
    token, told = sent.token, []
    theirs = update(subscriptions).where(subscriptions.c.id == sent.number)
    ends: list[Callable[[Connection], object]] = [
        lambda connection: connection.execute(theirs.values(tier="free")),
        lambda connection: connection.execute(theirs.values(tier="paid", paid_until=db_now(-1))),
        lambda connection: connection.execute(theirs.values(paid_until=None)),
        lambda connection: unsubscribe(connection, sent.number, "one-click"),
        lambda connection: forget(connection, read_address(PAYER)),
    ]
    for end in ends:
        with sent.archive.engine.begin() as connection:
            end(connection)
        told.append(sent.get(token))
    assert [each.status_code for each in told] == [403, 403, 200, 403, 403]
    assert PAID in told.pop(2).text
    whole = told[0].text
    assert {each.text for each in told} == {whole}, "which of these it was, no stranger learns"
    assert f'href="{FREE}"' in whole
    assert "tant que l’abonnement" in whole
    for never in (PAID, PAYER, token):
        assert never not in whole
    assert told[0].headers["cache-control"] == "no-store"


def test_after_seven_days_it_says_so(sent: Sent) -> None:
    token = sent.token
    sent.archive.left(sent.mailing, timedelta(days=7, seconds=5))
    answer = sent.get(token)
    assert answer.status_code == 410
    assert "sept jours" in answer.text
    assert f'href="{FREE}"' in answer.text
    assert PAID not in answer.text
    unsubscribed = text(f"UPDATE subscriptions SET status = 'unsubscribed' WHERE id = {sent.number}")
    with sent.archive.engine.begin() as connection:
        connection.execute(unsubscribed)
    assert sent.get(token).text == answer.text, "nor is it told who left meanwhile"


def test_a_copy_that_is_not_made_yet_or_was_taken_down(sent: Sent) -> None:
    (sent.archive.root / COPIES / copy_name(sent.mailing, "fr")).unlink()
    answer = sent.get()
    assert answer.status_code == 404
    assert "Réessayez" in answer.text


def test_a_token_of_nobody_is_answered_as_any_address_that_is_not_there(sent: Sent) -> None:
    nowhere = sent.client.get("/none")
    assert nowhere.status_code == 404
    forged = [
        "A" * 40,
        copy_token(sent.number, 2, b"o" * 32),
        unsubscribe_token(sent.number, SECRET),
        sent.token[:-1] + ("A" if sent.token[-1] != "A" else "B"),
        sent.token + "A",
        copy_token(sent.number, 999, SECRET),  # signed, of no edition
        copy_token(sent.number, 1, SECRET),  # signed, of the free edition
        copy_token(2**48 - 1, 2, SECRET),
        "x",
    ]
    for token in forged:
        answer = sent.get(token)
        assert (answer.status_code, answer.text) == (404, nowhere.text), token
        assert answer.headers["content-length"] == nowhere.headers["content-length"]


def test_its_token_opens_nothing_else_and_changes_nothing(sent: Sent) -> None:
    token = sent.token
    before = databases.dump(sent.archive.engine)
    ways = [f"/u/{token}", f"/u/{token}/back", f"/u/{token}/why", f"/choices/{token}", f"/address/{token}"]
    ways += [f"/confirm/{token}", f"/u/{token[:32]}", f"/copy/{token}/back"]
    for way in ways:
        for method in ("GET", "POST"):
            answer = sent.client.request(method, way, data={"act": "leave"} if method == "POST" else None)
            assert answer.status_code == 404, (method, way)
            assert PAID not in answer.text
    for method in ("POST", "PUT", "DELETE", "OPTIONS", "PATCH"):
        assert sent.client.request(method, f"/copy/{token}").status_code == 405
    assert sent.get(token).status_code == 200
    assert databases.dump(sent.archive.engine) == before


def test_what_is_not_open_has_no_such_address(sent: Sent) -> None:
    token = sent.token
    sent.archive.configure(archive={"since": FRIDAY})
    with serving(app(sent.archive.engine, sent.archive.newsroom, token_reader(SECRET))) as base:
        answer = httpx.get(f"{base}/copy/{token}")
    assert answer.status_code == 404
    assert PAID not in answer.text

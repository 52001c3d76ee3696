"""The pages' statements work with what the database grants them, and no other statement does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from composer.archive.paid_copies import COPIES, copy_name
from composer.database import DatabaseUnavailable, permit
from composer.newsroom import load_newsroom
from composer.public import INSERTS, READS, UPDATES, app
from composer.public.form import door_form
from composer.returns.hooks.doors import hook_addresses, hook_digests
from composer.subscribers import read_address, subscribe, token_reader, unsubscribe_token
from composer.subscribers.tokens import copy_token
from tests.public.support.answering import answering
from tests.public.support.page_server import SECRET, serving
from tests.support import databases
from tests.support.address_keys import open_database
from tests.support.doors import OpenHouse, open_doors
from tests.support.newsrooms import FRIDAY, configure, write_newsroom
from tests.support.sent_mailings import insert_mailing

GRANTS = (Path(__file__).parents[2] / "deploy" / "database-pages.sql").read_text(encoding="utf-8")
REFUSED = [
    "SELECT email FROM subscribers",
    "SELECT subscriber_id FROM subscriptions",
    "SELECT * FROM deliveries",
    "SELECT count(*) FROM consents",
    "SELECT address_key FROM suppressions",
    "SELECT fingerprint FROM fingerprints",
    "UPDATE subscriptions SET tier = 'paid'",
    "UPDATE subscribers SET email = ''",
    "UPDATE deliveries SET state = 'queued'",
    "UPDATE mailings SET state = 'cancelled'",
    "DELETE FROM subscriptions",
    "INSERT INTO suppressions (address_key, reason, at) VALUES ('x', 'manual', '2026-01-01')",
    "SELECT email FROM requests",
    "SELECT token FROM requests",
    "DELETE FROM requests",
    "UPDATE requests SET token = ''",
    "SELECT body FROM hook_posts",
    "DELETE FROM hook_posts",
    "UPDATE hook_posts SET provider = 'ses'",
    "SELECT digest FROM hook_tokens",
    "INSERT INTO hook_tokens (digest, at) VALUES ('x', '2026-01-01')",
    "SELECT act FROM returned",
    "SELECT email FROM signups",
    "SELECT address_key FROM signups",
    "UPDATE signups SET state = 'confirmed'",
    "INSERT INTO signups (address_key, letters, language, state, form, wording, page, asked_at, not_before, "
    "expires_at) VALUES ('x', ' vendredi ', 'fr', 'pending', '1', 'w', 'p', '2026-01-01', '2026-01-01', '2026-01-01')",
    "SELECT content FROM outbox",
    "INSERT INTO outbox (kind, publication, email, address_key, provider, state, attempt, deferrals, expires_at, "
    "created_at, changed_at) VALUES ('c', '', 'a', 'k', '', 'queued', 0, 0, '2026-01-01', '2026-01-01', '2026-01-01')",
    "SELECT token_hash FROM links",
    "UPDATE links SET state = 'mailed'",
    "SELECT paused_until FROM subscriptions",
    "SELECT tier FROM subscriptions",
    "SELECT publication, dated FROM mailings",
    "SELECT template FROM mailing_editions",
    "UPDATE subscriptions SET paused_until = NULL",
    "SELECT number FROM leaving_reasons",
    "UPDATE leaving_reasons SET number = 0",
    "INSERT INTO leaving_reasons (publication, month, reason, number) VALUES ('vendredi', '2026-11', 'time', 1)",
    "INSERT INTO consents (subscription_id, source, at) VALUES (1, 'came back', '2026-01-01')",
    "DROP TABLE subscriptions",
    "CREATE TABLE mine (id int)",
]


@pytest.fixture
def narrow(each_engine: str, tmp_path: Path) -> Iterator[tuple[Engine, int]]:
    """The pages' own engine, and a subscription."""
    url = databases.url(tmp_path)
    full = open_database(url, tmp_path, create=True)
    with full.begin() as connection:
        number = subscribe(connection, read_address("zoe@example.org"), "vendredi", source="form")
    if each_engine == "postgresql":
        with full.begin() as connection:
            if not connection.execute(text("SELECT 1 FROM pg_roles WHERE rolname = 'filigrane_pages'")).first():
                connection.execute(text("CREATE ROLE filigrane_pages LOGIN NOSUPERUSER"))  # of the whole server
            connection.exec_driver_sql(GRANTS)
        url = url.replace("user=postgres", "user=filigrane_pages")
        assert urlsplit(url).query.count("filigrane_pages") == 1
    engine = open_database(url, tmp_path)
    permit(engine, reads=READS, updates=UPDATES, inserts=INSERTS)
    yield engine, number
    engine.dispose()
    full.dispose()


_DENIED = r"not authorized|permission denied|prohibited|must be owner"


@pytest.mark.parametrize("statement", REFUSED)
def test_what_pages_do_not_do_is_refused(narrow: tuple[Engine, int], statement: str) -> None:
    engine, _ = narrow
    with (
        engine.connect() as connection,
        pytest.raises((DBAPIError, DatabaseUnavailable), match=_DENIED),
    ):
        connection.execute(text(statement))


def test_the_way_out_needs_no_more(narrow: tuple[Engine, int], tmp_path: Path) -> None:
    engine, number = narrow
    newsroom = load_newsroom(write_newsroom(tmp_path))
    way = f"/u/{unsubscribe_token(number, SECRET)}"
    with (
        serving(app(engine, newsroom, token_reader(SECRET))) as base,
        httpx.Client(base_url=base, timeout=30) as client,
    ):
        assert client.get("/healthz").text == "ok"
        assert "Ne plus recevoir" in client.get(way).text
        assert [client.post(way, content="List-Unsubscribe=One-Click").status_code for _ in range(2)] == [200, 200]
    with engine.connect() as connection:
        assert connection.execute(text("SELECT status FROM subscriptions")).scalar_one() == "unsubscribed"


def test_coming_back_and_saying_why_need_no_more(narrow: tuple[Engine, int], tmp_path: Path) -> None:
    engine, number = narrow
    keyed = open_database(databases.url(tmp_path), tmp_path)  # the daemon's
    newsroom = load_newsroom(write_newsroom(tmp_path))
    house = OpenHouse(tmp_path, keyed)
    way = f"/u/{unsubscribe_token(number, SECRET)}"
    with (
        serving(app(engine, newsroom, token_reader(SECRET))) as base,
        httpx.Client(base_url=base, timeout=30) as client,
    ):
        assert client.post(way, content="from=page").status_code == 200
        assert client.post(f"{way}/why", data={"reason": "time"}).status_code == 200
        with ThreadPoolExecutor(1) as thread:
            answer = thread.submit(client.post, f"{way}/back")
            while not answer.done():
                house.answer()
        assert "Vous recevez de nouveau" in answer.result().text
    with keyed.connect() as connection:
        assert connection.execute(text("SELECT reason, number FROM leaving_reasons")).all() == [("time", 1)]
        assert connection.execute(text("SELECT count(*) FROM consents WHERE source = 'came back'")).scalar_one() == 1
    keyed.dispose()


def test_joining_needs_no_more(narrow: tuple[Engine, int], tmp_path: Path) -> None:
    engine, _number = narrow
    write_newsroom(tmp_path, join=True)
    open_doors(tmp_path, "vendredi")
    newsroom = load_newsroom(tmp_path)
    form = door_form(newsroom, "vendredi", None)
    assert form is not None
    keyed = open_database(databases.url(tmp_path), tmp_path)  # the daemon's
    house = OpenHouse(tmp_path, keyed)
    with (
        serving(app(engine, newsroom, token_reader(SECRET))) as base,
        httpx.Client(base_url=base, timeout=30) as client,
    ):
        assert client.post("/join/vendredi", data={"email": "lea@example.org", "form": form.mark}).status_code == 200
        house.answer()
        way = f"/confirm/{house.token()}"
        assert client.get(way).status_code == 200
        with ThreadPoolExecutor(1) as thread:
            answer = thread.submit(client.post, way)
            while not answer.done():
                house.answer()
        assert "inscription est prise" in answer.result().text
    assert house.readers()["lea@example.org", "vendredi"] == "active"
    keyed.dispose()


def test_reading_a_copy_needs_no_more(narrow: tuple[Engine, int], tmp_path: Path) -> None:
    engine, number = narrow
    write_newsroom(tmp_path)
    configure(tmp_path, archive={"since": FRIDAY, "paid_copies": True})
    keyed = open_database(databases.url(tmp_path), tmp_path)  # the daemon's
    with keyed.begin() as connection:
        mailing, edition = insert_mailing(connection)
        connection.execute(text("UPDATE subscriptions SET tier = 'paid'"))
    (tmp_path / COPIES).mkdir(parents=True)
    (tmp_path / COPIES / copy_name(mailing, "fr")).write_text("Un passage payant", encoding="utf-8")
    link = f"/copy/{copy_token(number, edition, SECRET)}"
    with (
        serving(app(engine, load_newsroom(tmp_path), token_reader(SECRET))) as base,
        httpx.Client(base_url=base, timeout=30) as client,
    ):
        assert client.get(link).text == "Un passage payant"
        assert client.post(f"/u/{unsubscribe_token(number, SECRET)}", content="List-Unsubscribe=One-Click").is_success
        assert client.get(link).status_code == 403
        with keyed.begin() as connection:
            connection.execute(text("UPDATE mailings SET dated = '2020-01-01 00:00:00'"))
        assert client.get(link).status_code == 410
        assert client.get(f"/copy/{copy_token(2**40, edition, SECRET)}").status_code == 404
    with (
        engine.connect() as connection,
        pytest.raises((DBAPIError, DatabaseUnavailable), match=_DENIED),
    ):
        connection.execute(text("SELECT tier FROM subscriptions"))
    keyed.dispose()


def test_reporting_a_bounce_needs_no_more(narrow: tuple[Engine, int], tmp_path: Path) -> None:
    engine, _number = narrow
    newsroom = load_newsroom(write_newsroom(tmp_path, hooks={"providers": ["brevo"]}))
    ((_provider, address),) = hook_addresses(newsroom, SECRET)
    digests = hook_digests(newsroom, (SECRET,))
    with serving(app(engine, newsroom, token_reader(SECRET), digests)) as base:
        answer = httpx.post(f"{base}{urlsplit(address).path}", content=b"{}", timeout=30)
    assert (answer.status_code, answer.text) == (200, "ok")
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(id) FROM hook_posts")).scalar_one() == 1


def test_choosing_needs_no_more(narrow: tuple[Engine, int], tmp_path: Path) -> None:
    engine, _number = narrow
    write_newsroom(tmp_path, choices=True)
    newsroom = load_newsroom(tmp_path)
    keyed = open_database(databases.url(tmp_path), tmp_path)  # the daemon's
    house = OpenHouse(tmp_path, keyed)
    with (
        serving(app(engine, newsroom, token_reader(SECRET))) as base,
        httpx.Client(base_url=base, timeout=30) as client,
    ):
        assert client.post("/choices", data={"email": "zoe@example.org"}).status_code == 200
        house.answer()
        way = f"/choices/{house.token('choices')}"
        assert "L&#39;Estuaire du vendredi" in client.get(way).text
        with answering(house):
            moving = client.post(way, data={"act": "move", "email": "neuve@example.org"})
            action = re.search('/choices/[^"]+', moving.text)
            assert action is not None
            way = action[0]
            assert "One of two" in client.post(f"/address/{house.token('address')}").text
        with answering(house):
            assert client.post(way, data={"act": "leave"}).status_code == 200
        assert client.get(way).status_code == 404
    with (
        engine.connect() as connection,
        pytest.raises((DBAPIError, DatabaseUnavailable), match=_DENIED),
    ):
        connection.execute(text("SELECT subscriber_id FROM subscriptions"))
    assert house.readers()["zoe@example.org", "vendredi"] == "unsubscribed"
    keyed.dispose()

"""The demonstration, run as a newcomer runs it: its own process, in an empty folder, twice."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select

from composer.delivery.tables import deliveries
from composer.demo.one_click import post
from composer.demo.readers import readers
from composer.demo.server import BUSY_READER, UNKNOWN_READER
from composer.demo.verify import Received, received
from composer.message.dkim import public_record
from composer.newsroom import load_newsroom
from composer.newsroom.environment import secret_key
from composer.public import app, serve
from composer.subscribers import find_person, read_address, token_reader
from tests.support.address_keys import open_database

pytestmark = pytest.mark.slow  # the demonstration is played once, for all of them


def play(folder: Path) -> str:
    """Run the command to its end; gives what it printed. Secrets of whoever runs the tests stay outside."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("FILIGRANE_")}
    command = [sys.executable, "-c", "from composer.cli import main; main()", "demo", "--language", "en"]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, str]:
    """The demonstration's folder, and what it printed the first and the second time."""
    folder = tmp_path_factory.mktemp("newcomer")
    return folder / "var" / "demo", play(folder), play(folder)


@pytest.fixture(scope="module")
def letters(story: tuple[Path, str, str]) -> list[Received]:
    return received(story[0] / "received")


def expected(position: int) -> set[str]:
    """Who should have a letter of one publication: on its list, not gone before, with a mailbox."""
    return {
        reader.email
        for reader in readers()
        if position in reader.lists and not reader.left and not reader.email.startswith(UNKNOWN_READER)
    }


def test_three_hundred_readers_some_on_both_lists_some_paid_some_gone() -> None:
    people = list(readers())
    assert len(people) == len({reader.email for reader in people}) == 300
    assert {reader.lists for reader in people} == {(0,), (1,), (0, 1)}
    assert any(reader.paid for reader in people)
    assert any(reader.left for reader in people)
    assert sum(reader.email.startswith(BUSY_READER) for reader in people) == 3
    assert sum(reader.email.startswith(UNKNOWN_READER) for reader in people) == 3


def test_each_reader_received_each_letter_once(letters: list[Received]) -> None:
    for position, publication in enumerate(("Le Jalon", "Méandre")):
        found = Counter(letter.recipient for letter in letters if publication in str(letter.message["From"]))
        assert found == Counter(expected(position))


def test_prints_outcomes_per_mailing_and_where_everything_lies(story: tuple[Path, str, str]) -> None:
    folder, first, _second = story
    assert re.search(r"accepted\s+│\s+174 │\s+156", first)
    assert re.search(r"after a 450\s+│\s+3 │\s+3", first)
    assert re.search(r"rejected\s+│\s+3 │\s+0", first)
    for named in ("received", "pages", "newsroom", "log.json"):
        assert f"var/demo/{named}" in first
        assert (folder / named).exists()
    pages = {path.name for path in (folder / "pages").glob("*.html")} - {"index.html"}
    assert len(pages) == 6  # free and paid, and Saturday in English too
    listed = re.findall(r'href="([^"]+)"', (folder / "pages" / "index.html").read_text(encoding="utf-8"))
    assert set(listed) == pages | {name.replace(".html", ".txt") for name in pages}


def test_its_letters_are_read_online(story: tuple[Path, str, str]) -> None:
    folder, first, second = story
    for told in (first, second):
        assert "http://127.0.0.1:8025/a/ once you type: filigrane --newsroom var/demo/newsroom web" in told
    site = folder / "newsroom" / "var" / "archive" / "site"
    pages = [str(path.relative_to(site)) for path in site.glob("a/*/*-*/**/index.html")]
    assert len(pages) == 3  # Saturday in English too
    assert all("/search?in=" in (site / path).read_text(encoding="utf-8") for path in pages)


def test_a_reader_of_english_gets_saturday_in_english_and_friday_in_french(letters: list[Received]) -> None:
    """Friday has no English edition: its readers get the original."""
    languages = {reader.email: reader.language for reader in readers()}
    for letter in letters:
        written = "en" if "Méandre" in str(letter.message["From"]) and languages[letter.recipient] == "en" else "fr"
        assert letter.message["Content-Language"] == written
    assert {letter.message["Content-Language"] for letter in letters} == {"fr", "en"}


def test_run_again_it_sends_nothing_and_says_why(story: tuple[Path, str, str], letters: list[Received]) -> None:
    _folder, _first, second = story
    assert "Nothing was sent: each issue already has its mailing" in second
    assert "mailed" not in second
    assert f"{len(letters)} messages received in all, 0 twice" in second


def test_every_message_is_signed_and_its_way_out_is_under_the_signature(
    story: tuple[Path, str, str], letters: list[Received]
) -> None:
    newsroom = load_newsroom(story[0] / "newsroom")
    dkim = newsroom.settings.dkim
    assert dkim is not None
    record = public_record((newsroom.root / dkim.key).read_bytes())
    for letter in letters:
        assert letter.message.defects == []
        assert [part.get_content_type() for part in letter.message.iter_parts()] == ["text/plain", "text/html"]
        assert letter.signature_holds(record), letter.path
        assert {"list-unsubscribe", "list-unsubscribe-post"} <= letter.signed_headers()
        assert letter.message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert letter.unsubscribe_url.startswith("https://")
        for part in letter.message.iter_parts():
            assert letter.unsubscribe_url in part.get_content()


async def test_the_one_click_post_of_every_message_really_unsubscribes(
    story: tuple[Path, str, str], letters: list[Received], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("FILIGRANE_SECRET_KEY", "FILIGRANE_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    newsroom = load_newsroom(story[0] / "newsroom")
    engine = open_database(newsroom.settings.database, newsroom.root, create=True)
    pages = app(engine, newsroom, token_reader(secret_key(newsroom.root)))
    stop, listening = asyncio.Event(), asyncio.get_running_loop().create_future()
    serving = asyncio.create_task(serve(pages, "127.0.0.1", 0, stop, listening))
    port = await listening
    for letter in letters:
        assert await asyncio.to_thread(post, port, urlsplit(letter.unsubscribe_url).path) == 200
    stop.set()
    await serving
    with engine.connect() as connection:
        for letter in letters:
            person = find_person(connection, read_address(letter.recipient))
            assert person is not None
            assert all(one.status == "unsubscribed" for one in person.subscriptions), letter.recipient
        open_rows = connection.execute(select(deliveries.c.id).where(deliveries.c.state == "queued")).all()
    assert open_rows == []
    engine.dispose()


def test_a_reader_joins_both_letters_by_one_confirmation(story: tuple[Path, str, str]) -> None:
    folder, first, again = story
    (message,) = received(folder / "joining")
    assert message.recipient == "nouvelle-lectrice@lecteurs.example"
    assert message.message["Auto-Submitted"] == "auto-generated"
    assert message.signature_holds(public_record((folder / "newsroom" / "var" / "dkim.pem").read_bytes()))
    joined = re.search(r"joining: POST to http://127\.0\.0\.1:\d+/join answered (\d+)", first)
    confirmed = re.search(r"confirming: POST to http://127\.0\.0\.1:\d+/confirm/\S+ answered (\d+); (.*)", first)
    assert joined is not None
    assert confirmed is not None
    assert (joined[1], confirmed[1]) == ("200", "200")
    assert "samedi active, vendredi active" in confirmed[2]
    assert "joining:" not in again

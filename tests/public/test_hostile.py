"""Every attempt of hostile.yaml, over a raw socket: what is answered, what is written, what is mailed in the end."""

from __future__ import annotations

import json
import socket
from collections import Counter
from collections.abc import Iterator
from datetime import date as Date
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import yaml
from sqlalchemy import select

from composer.archive.paid_copies import COPIES, copy_name
from composer.database import read_only
from composer.public import app
from composer.public.form import door_form
from composer.subscribers import read_address, subscribe, token_reader, unsubscribe, unsubscribe_token
from composer.subscribers.requests import count_requests
from composer.subscribers.tables import signups, subscriptions
from composer.subscribers.tokens import copy_token
from tests.public.support.page_server import SECRET, serving
from tests.support.doors import OpenHouse, open_doors, open_house
from tests.support.newsrooms import configure
from tests.support.sent_mailings import insert_mailing

PAID = "Un passage que seuls lisent les abonnés"
ATTEMPTS = yaml.safe_load((Path(__file__).parent / "hostile.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenHouse]:
    made = open_house(tmp_path_factory.mktemp("house"))
    open_doors(made.root, "vendredi", origins=["https://www.journal.example"])
    for name in ("vendredi", "samedi"):
        configure(made.root, name, archive={"since": Date(2026, 1, 1), "paid_copies": True})
    yield made
    made.engine.dispose()


@pytest.fixture(scope="module")
def live(house: OpenHouse) -> dict[str, str]:
    """The form's mark, and the token of a sign-up that waits to be confirmed."""
    form = door_form(house.newsroom, "vendredi", None)
    assert form is not None
    with house.engine.begin() as connection:
        number = subscribe(connection, read_address("lea@example.org"), "samedi", source="x", language="fr")
        unsubscribe(connection, number, "cli")
        payer = subscribe(connection, read_address("nora@example.org"), "vendredi", source="x", tier="paid")
        mailing, edition = insert_mailing(connection)
        _samedi, elsewhere = insert_mailing(connection, "samedi")
        _old, late = insert_mailing(connection, date=Date(2026, 1, 2), ago=timedelta(days=8))
        _free, free = insert_mailing(connection, date=Date(2026, 1, 9), audience="free")
        _trial, rehearsal = insert_mailing(connection, rehearsal=1)
    (house.root / COPIES).mkdir(parents=True)
    (house.root / COPIES / copy_name(mailing, "fr")).write_text(f"<p>{PAID}</p>", encoding="utf-8")
    out = unsubscribe_token(number, SECRET)
    return {
        "{copy}": copy_token(payer, edition, SECRET),
        "{copy of a reader who left}": copy_token(number, elsewhere, SECRET),
        "{copy of another letter}": copy_token(payer, elsewhere, SECRET),
        "{copy of the free edition}": copy_token(payer, free, SECRET),
        "{copy of a rehearsal}": copy_token(payer, rehearsal, SECRET),
        "{late copy}": copy_token(payer, late, SECRET),
        "{forged copy}": copy_token(payer, edition, b"o" * 32),
        "{page}": copy_name(mailing, "fr"),
        "{payer's way out}": unsubscribe_token(payer, SECRET),
        "{choices}": house.choices("lea@example.org"),
        "{out}": out,
        "{mark}": form.mark,
        "{token}": house.join("zoe@example.org"),
        "{long}": "a" * 300,
    }


@pytest.fixture(scope="module")
def port(house: OpenHouse) -> Iterator[int]:
    with serving(app(house.engine, house.newsroom, token_reader(SECRET))) as base:
        yield int(base.rpartition(":")[2])


def filled(value: Any, live: dict[str, str]) -> Any:
    if isinstance(value, str):
        for name, real in live.items():
            value = value.replace(name, real)
        return value
    if isinstance(value, dict):
        return {key: filled(each, live) for key, each in value.items()}
    return [filled(each, live) for each in value] if isinstance(value, list) else value


def answered(port: int, attempt: dict[str, Any]) -> tuple[int, str]:
    """Status and whole answer. Nothing between here and the server corrects the request."""
    headers = {"Host": "lettre.example.org", "Connection": "close"} | attempt.get("headers", {})
    if "json" in attempt:
        body, kind = json.dumps(attempt["json"]), "application/json"
    elif "form" in attempt:
        body, kind = urlencode(attempt["form"], doseq=True), "application/x-www-form-urlencoded"
    else:
        body, kind = attempt.get("body", ""), "application/x-www-form-urlencoded"
    headers = {"Content-Type": kind, "Content-Length": str(len(body.encode()))} | headers
    lines = [f"{attempt['send']} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "", body]
    with socket.create_connection(("127.0.0.1", port), timeout=30) as opened:
        opened.sendall("\r\n".join(lines).encode())
        answer = b"".join(iter(lambda: opened.recv(65536), b"")).decode("utf-8", "replace")
    return int(answer.split()[1]), answer


def state(house: OpenHouse) -> tuple[int, str]:
    with read_only(house.engine).connect() as connection:
        people = connection.execute(select(signups)).all(), connection.execute(select(subscriptions)).all()
        return count_requests(connection), str(people)


@pytest.mark.parametrize("attempt", ATTEMPTS, ids=lambda attempt: f"{attempt['id']}-{attempt['kind']}")
def test_nothing_gets_through(house: OpenHouse, port: int, live: dict[str, str], attempt: dict[str, Any]) -> None:
    attempt = filled(attempt, live)
    rows, people = state(house)
    status, answer = answered(port, attempt)
    assert status in attempt["status"], answer[:500]
    assert state(house) == (rows + attempt.get("rows", 0), people)
    assert attempt.get("never", "\0") not in answer
    assert "Traceback" not in answer
    assert (PAID in answer) == attempt.get("opens", False)
    assert "location:" not in answer.lower().split("\r\n\r\n")[0]


def test_what_was_written_meanwhile_becomes_mail_in_our_words_alone(house: OpenHouse, live: dict[str, str]) -> None:
    assert live["{token}"]
    house.answer()
    assert house.readers() == {
        ("lea@example.org", "samedi"): "unsubscribed",
        ("nora@example.org", "vendredi"): "active",
    }
    for number, row in enumerate(house.mails()):
        if row.email == "lea@example.org":
            assert row.kind == "choices"
            continue
        assert row.email == "zoe@example.org"
        text = house.text(number)
        assert "evil" not in text
        assert "<script" not in text
        assert "https://lettre.example.org/confirm/" in text


def test_the_list_is_long_and_each_has_a_name() -> None:
    assert len(ATTEMPTS) >= 155
    assert set(Counter(each["id"] for each in ATTEMPTS).values()) == {1}
    kinds = {"injection", "traversal", "forgery", "csrf", "redirect", "host", "cache", "cannon", "enumeration"}
    assert {each["kind"] for each in ATTEMPTS} == kinds

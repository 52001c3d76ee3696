"""Every attempt of attempts.yaml, by the pipe, the judge and the doors of relays' operators: none acts."""

from __future__ import annotations

import io
import json
import re
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from sqlalchemy import func, select

from composer.database import read_only
from composer.message.verp import return_path
from composer.newsroom import load_newsroom
from composer.printable import printable
from composer.returns.hooks.doors import hook_digest
from composer.returns.judge_process import JudgeProcess
from composer.returns.labels import why
from composer.returns.receiving import received_line
from composer.returns.tables import returned
from composer.subscribers import unsubscribe_token
from tests.delivery.support.sample_newsroom import SECRET
from tests.returns.hooks.support.amazon import ses_bounce, ses_complaint
from tests.returns.hooks.support.bombs import BOMBS
from tests.returns.hooks.support.hooked import FAILED, UNTOUCHED, Hooked, hooked, mailgun
from tests.support.newsrooms import write_newsroom

ATTEMPTS = yaml.safe_load((Path(__file__).parent / "attempts.yaml").read_text(encoding="utf-8"))
BY_MAIL = [each for each in ATTEMPTS if not {"to", "path"} & each.keys()]
BY_HTTP = [each for each in ATTEMPTS if {"to", "path"} & each.keys()]

#: What ends a line or changes how one is shown.
CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hooked]:
    root = tmp_path_factory.mktemp("house")
    write_newsroom(root, database="sqlite:///ledger.db")
    with hooked(root) as made, pytest.MonkeyPatch.context() as environment:
        environment.setenv("FILIGRANE_SECRET_KEY", SECRET.hex())
        environment.delenv("FILIGRANE_DATABASE_URL", raising=False)
        environment.delenv("FILIGRANE_FORMER_KEYS", raising=False)
        yield made


@pytest.fixture(scope="module")
def words(house: Hooked) -> dict[str, str]:
    """Word in braces → what it is."""
    token, other = house.token(), return_path(2, house.ready.mailing, SECRET)
    forged = house.token(b"x" * 32)
    secrets = {f"secret of {name}": house.way(name).rpartition("/")[2] for name in house.hooks.providers}
    return {
        "{token}": token,
        "{another reader}": other,
        "{forged}": forged,
        "{forged tail}": forged[2:],
        "{flipped}": token[:-4] + ("a" if token[-4] != "a" else "b") + token[-3:],
        "{spliced}": other[:15] + token[15:],
        "{short}": token[:-1],
        "{way out}": unsubscribe_token(1, SECRET),
        "{no mailing}": return_path(1, 4_000_000, SECRET),
        "{no reader}": return_path(4_000_000, house.ready.mailing, SECRET),
        "{digest of brevo}": hook_digest(secrets["secret of brevo"]),
        "{SECRET OF BREVO}": secrets["secret of brevo"].upper(),
        **{f"{{{name}}}": secret for name, secret in secrets.items()},
    }


@pytest.fixture(scope="module")
def judge() -> Iterator[JudgeProcess]:
    with JudgeProcess() as begun:
        yield begun


def filled(value: Any, words: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        for name, real in words.items():
            value = value.replace(name, real)
        return value
    if isinstance(value, dict):
        return {key: filled(each, words) for key, each in value.items()}
    return [filled(each, words) for each in value] if isinstance(value, list) else value


def acts(house: Hooked) -> int:
    with read_only(house.ready.engine).connect() as connection:
        return int(connection.execute(select(func.count()).select_from(returned)).scalar_one())


@pytest.mark.slow
@pytest.mark.parametrize("attempt", BY_MAIL, ids=lambda attempt: attempt["id"])
def test_no_message_acts(house: Hooked, words: dict[str, str], judge: JudgeProcess, attempt: dict[str, Any]) -> None:
    made = BOMBS[attempt["made"]](words["{token}"]) if "made" in attempt else filled(attempt["mail"], words).encode()
    found = judge.judge(made)
    assert CONTROL.search(printable(why(found))) is None  # as everything is printed
    assert "\n" not in found.words
    assert len(found.words) <= 200
    line = received_line(load_newsroom(house.ready.room.root), io.BytesIO(made))
    assert CONTROL.search(line) is None
    assert "@" not in line
    assert (house.standing(), acts(house)) == (UNTOUCHED, 0)


def ses(house: Hooked, words: dict[str, str], asked: Mapping[str, Any]) -> dict[str, Any]:
    """A message of the topic: rightly signed, then changed."""
    source = f"{words['{token}']}@bounces.example"
    two = ses_bounce(source)
    two["mail"]["destination"].append("paul@example.org")
    messages: dict[str, Any] = {
        "bounce": ses_bounce(source),
        "delivery": {"notificationType": "Delivery", "mail": {"source": source}},
        "praise": ses_complaint(source, "not-spam"),
        "two": two,
        "forged": ses_bounce(f"{words['{forged}']}@bounces.example"),
        "strange": ses_bounce("lettre@example.org"),
        "tomorrow": ses_bounce(source, "", "Permanent/Tomorrow"),
        "text": f"Bounce of {source}",
    }
    fields = dict(asked.get("fields", {}))
    if "days" in asked:
        fields["Timestamp"] = f"{datetime.now(UTC) + timedelta(days=asked['days'], minutes=-5):%Y-%m-%dT%H:%M:%S}.000Z"
    made = house.amazon.signed(messages[asked.get("message", "bounce")], asked.get("version", "2"), **fields)
    if "swap" in asked:
        made["Message"] = json.dumps(messages[asked["swap"]])
    changed = made | asked.get("change", {})
    return {name: value for name, value in changed.items() if value is not None}


def of_mailgun(house: Hooked, words: dict[str, str], asked: Mapping[str, Any]) -> dict[str, Any]:
    given = dict(asked.get("given", {}))
    if "seconds" in asked:
        given["timestamp"] = str(int(time.time()) + asked["seconds"])
    if "used" in asked:
        assert house.post("mailgun", mailgun("", {"event": "delivered"})).status_code == 200
        assert house.look(), "the token is used now"
    key = {"key": asked["key"]} if "key" in asked else {}
    return mailgun(words["{token}"], filled(asked.get("event", FAILED), words), **key, **given)


def body(house: Hooked, words: dict[str, str], attempt: dict[str, Any]) -> object:
    match attempt:
        case {"made": name}:
            return BOMBS[name](words["{token}"])
        case {"ses": asked}:
            return ses(house, words, asked)
        case {"mailgun": asked}:
            return of_mailgun(house, words, asked)
        case {"confirm": token}:
            return house.amazon.confirming(token)
        case {"json": said}:
            return filled(said, words)
    return filled(attempt["body"], words).encode()


@pytest.mark.parametrize("attempt", BY_HTTP, ids=lambda attempt: attempt["id"])
def test_no_report_acts(
    house: Hooked, words: dict[str, str], attempt: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    way = filled(attempt["path"], words) if "path" in attempt else house.way(attempt["to"])
    said = body(house, words, attempt)
    fetched = len(house.amazon.fetched)
    content = said if isinstance(said, bytes) else json.dumps(said).encode()
    answer = httpx.post(f"{house.base}{way}", content=content, timeout=60)
    assert answer.status_code in attempt.get("status", [200])
    assert (house.look() > 0) == (answer.status_code == 200)
    assert house.waiting() == 0
    assert (house.standing(), acts(house)) == (UNTOUCHED, 0)
    assert [each for each in house.amazon.fetched[fetched:] if not each.startswith("https://sns.eu-west-3.amaz")] == []
    assert not [each for each in house.amazon.fetched[fetched:] if "ConfirmSubscription" in each]
    told = capsys.readouterr()
    for line in (told.out + told.err).splitlines():
        assert "event=forged" not in line
        assert "@" not in line


def test_what_they_tried_would_have_acted_by_a_right_token(house: Hooked) -> None:
    """The last one: the same house, rightly asked."""
    assert house.post("ses", house.amazon.signed(ses_bounce(house.source))).status_code == 200
    assert house.look() == 1
    assert (house.standing()[1], acts(house)) == ("hard-bounce", 1)


def test_the_list_is_long_and_each_has_a_name() -> None:
    assert len(ATTEMPTS) >= 120
    assert set(Counter(each["id"] for each in ATTEMPTS).values()) == {1}
    assert {each["kind"] for each in ATTEMPTS} == {"backscatter", "forgery", "replay", "bomb", "injection"}

"""``filigrane subscribers show``, ``export --person`` and ``forget``: all that is held of one person."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from composer import locale
from composer.cli.json_output import plain
from composer.database import metadata
from composer.subscribers import read_address
from composer.subscribers.held import HELD_TABLES, UNTOLD, held_about
from composer.subscribers.held_lines import NUMBERS, column_word, table_word
from tests.support.address_keys import key_of, open_database
from tests.support.newsrooms import write_newsroom
from tests.support.person_rows import fill

Command = Callable[..., tuple[str, str]]

ZOE, LEA = "zoe.dupre@example.org", "lea@example.org"

#: What stays of the forgotten, and why: no word of theirs, no address.
KEPT = {
    "subscribers.id": "the number by which past mailings are counted",
    "subscribers.address_key": "recognises the address, so that no import brings it back",
    "subscribers.created_at": "counts",
    "subscribers.forgotten_at": "when it was erased",
    "subscriptions.id": "a number",
    "subscriptions.subscriber_id": "a number",
    "subscriptions.publication": "counts",
    "subscriptions.status": "unsubscribed",
    "subscriptions.tier": "counts",
    "subscriptions.paid_until": "counts",
    "subscriptions.language": "counts",
    "subscriptions.created_at": "counts",
    "subscriptions.unsubscribed_at": "counts",
    "subscriptions.unsubscribed_by": "counts",
    "consents.id": "a number",
    "consents.subscription_id": "a number",
    "consents.source": "shows that what was sent was asked for (GDPR 7.1)",
    "consents.at": "the same",
    "suppressions.address_key": "recognises the address, so that nothing is sent there",
    "suppressions.reason": "the same",
    "suppressions.at": "the same",
    "deliveries.id": "a number",
    "deliveries.mailing_id": "which letter, for its counts",
    "deliveries.edition_id": "the same",
    "deliveries.subscriber_id": "a number",
    "deliveries.subscription_id": "a number",
    "deliveries.provider": "counts",
    "deliveries.state": "counts",
    "deliveries.attempt": "counts",
    "deliveries.deferrals": "counts",
    "deliveries.not_before": "counts",
    "deliveries.changed_at": "counts",
    "deliveries.reply_code": "counts",
    "deliveries.reply_status": "counts",
    "deliveries.pinned": "counts",
    "deliveries.canary": "counts",
    "deliveries.dated": "counts",
    "welcomed.publication": "which letter, so that it is not sent to who comes back",
    "welcomed.letter": "the same",
    "welcomed.subscriber_id": "a number",
    "welcomed.rehearsal": "counts",
    "welcomed.at": "counts",
    "returned.mailing_id": "which letter, as long as its delivery is there",
    "returned.subscriber_id": "a number",
    "returned.kind": "counts",
    "returned.bounce_class": "counts",
    "returned.cause": "counts",
    "returned.status": "counts",
    "returned.provider": "a group of providers, or a digest of the domain: what is usual for it",
    "returned.act": "counts",
    "returned.at": "counts",
    "run_refusals.delivery_id": "a number",
    "run_refusals.mailing_id": "a number",
    "run_refusals.domain": "a digest, as long as the run of refusals lasts",
    "run_refusals.doubted": "counts",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A newsroom with a row of everything about two readers."""
    engine = open_database("sqlite:///var/filigrane.db", write_newsroom(tmp_path), create=True)
    fill(engine, ZOE, LEA)
    engine.dispose()
    return tmp_path


def held(root: Path, email: str) -> dict[str, list[dict[str, object]]]:
    engine = open_database("sqlite:///var/filigrane.db", root)
    with engine.connect() as connection:
        found = held_about(connection, read_address(email))
    engine.dispose()
    return found


def test_after_forget_nothing_personal_is_held(root: Path, filigrane: Command) -> None:
    of_lea = held(root, LEA)
    filigrane("subscribers", "forget", ZOE, "--yes")
    left = held(root, ZOE)
    assert {
        f"{name}.{column}" for name, rows in left.items() for column, value in rows[0].items() if value
    } <= KEPT.keys()
    assert KEPT.keys() <= {f"{name}.{column}" for name, rows in left.items() for column in rows[0]}
    assert "dupre" not in str(left)
    assert held(root, LEA) == of_lea


def test_a_person_s_file_holds_all_and_is_private(root: Path, filigrane: Command) -> None:
    file = root / "zoe.json"
    file.touch(mode=0o644)
    filigrane("subscribers", "export", "--person", ZOE.upper(), "--out", str(file))
    assert file.stat().st_mode & 0o777 == 0o600
    document = json.loads(file.read_text(encoding="utf-8"))
    assert document["held"] == json.loads(json.dumps(held(root, ZOE), default=plain))
    assert json.loads(filigrane("subscribers", "export", "--person", ZOE)[0])["held"] == document["held"]
    assert [each for each in root.iterdir() if each.name.startswith(".zoe")] == []
    assert "not known here" in filigrane("subscribers", "export", "--person", "nobody@example.org", code=1)[1]
    assert "leave --publication" in filigrane("subscribers", "export", "--person", ZOE, "--status", "active", code=2)[1]
    assert "cannot be written" in filigrane("subscribers", "export", "--person", ZOE, "--out", "/none/z", code=3)[1]


def test_show_tells_all_in_local_time(root: Path, filigrane: Command) -> None:
    shown = filigrane("subscribers", "show", ZOE)[0]
    for rows in held(root, ZOE).values():
        for column, value in rows[0].items():
            if isinstance(value, str) and value.startswith("m1 ") and column not in NUMBERS:
                assert value in shown
    assert "2026-11-27 07:00" in shown  # 06:00 in UTC
    assert "lea@" not in shown
    assert json.loads(filigrane("subscribers", "show", ZOE, "--json")[0])["held"].keys() == held(root, ZOE).keys()


def test_show_knows_who_only_asked_to_join(root: Path, filigrane: Command) -> None:
    engine = open_database("sqlite:///var/filigrane.db", root)
    with engine.begin() as connection:
        signups = metadata.tables["signups"]
        changed = {"address_key": key_of("new@example.org"), "email": "new@example.org"}
        connection.execute(signups.update().where(signups.c.id == 2).values(changed))
    engine.dispose()
    assert "is no reader yet" in filigrane("subscribers", "show", "new@example.org")[0]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_table_and_column_has_a_word(language: locale.Language) -> None:
    locale.use(language)
    for name in HELD_TABLES:
        assert table_word(name)
        for column in metadata.tables[name].c:
            assert str(column) in UNTOLD or column.name in NUMBERS or column_word(column.name)
    locale.use("en")

"""The quick way to read a row and the whole one: whatever a list holds, both read the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from composer.errors import Refused
from composer.subscribers.csv_columns import Located, locate
from composer.subscribers.csv_reader import CsvRow
from composer.subscribers.csv_row import RefusedRow, Terms, WhichBounce, read_candidate
from composer.subscribers.instants import read_instant
from composer.subscribers.leaving import Watch
from composer.subscribers.plain_rows import PlainRows
from composer.subscribers.questions import UnreadColumns
from composer.subscribers.sniffing import beyond_ascii
from composer.subscribers.standing import Stance
from tests.subscribers.support.csv_lists import PARIS, terms

HEADERS = (
    "Email Address,First Name,Last Name,MEMBER_RATING,OPTIN_TIME,CLEAN_TIME,LEID,TAGS",
    "email,active_subscription,expiry,plan,email_disabled,created_at,first_payment_at",
    "name,email,tier,paid_until,language,publication,subscribed_at,source,status,opted_in,notes,paid",
    "status,Nom,Prénom,courriel,inscrit le,désinscrit le",
)
ADDRESSES = (
    "zoe@example.org ZOE@Example.ORG web-master@a.org No-Reply@example.org zoe@gmial.com zoe@example.con npai@a.org "
    "stop_zoe@a.org STOP.zoe@a.org zoe@example.org.npai 0000-00-00@a.org nil@a.org null@a.org #zoe@a.org 'zoe@a.org "
    "zoe+tag@a.org z.o.e@a.org zoe..e@a.org .zoe@a.org zoe@-a.org zoe@a zoe@a.b zoe@xn--caf-dma.fr zoe@café.fr "
    "zoe@a.org,lea@a.org zoe(at)a.org mailto:zoe@a.org zoe@deletion-request.substack.com zoe@localhost zoe@127.0.0.1 "
    "unsubscribe@a.org desabo.zoe@a.org xxx_zoe@a.org zoe@old.org zoe@a.old x@y.example zoe@test.test - //zoe@a.org "
    "zoé@a.fr"
)
NAMES = (
    "Zoé|Roux|Martine|Stop|STOP Durand|ZZ Durand|Durand (désabonnée)|Roux, née Brun|N/A|None|-|'=A1|'Zoé|=A1|a\tb"
    "|Zoé - npai|†Roux|Ne plus écrire|Léa  |  Léa|Ünal|0|x\x00y|" + "long" * 30 + "|" + "x" * 201
)
DAYS = (
    "2024-03-05 13:30:00|2024-03-05|05/03/2024|2024-03-31 02:30:00|2024-13-05 13:30:00|2024-02-30 10:00:00"
    "|1970-01-01 00:00:00|1970-01-01|2999-01-01 00:00:00|2024-03-05 24:00:00|2024-03-05 13:61:00|1899-01-01 00:00:00"
    "|non|désabonné en mars|hier| |2024-03-05T13:30:00Z|12/31/2024|2024-03-05 13:30:00 |31 déc. 2024|NULL|0000-00-00"
)
WORDS = (
    "active|unsubscribed|yes|no|oui|non|0|1|true|false|bounced|paid|free|gift|pending|cleaned|spam|vendredi|samedi"
    "|vendredi, désabonné|toutes|VENDREDI|fr|en_GB|klingon|désabonné|form|site|aucun|2031-12-31|2020-01-01|2024-03-05"
    "|zoe@example.org|lea@example.org|?|null|-|ne plus écrire|'-|a\nb|#12|# non|// non|newsletter|gargled"
)
SAID: tuple[dict[str, Any], ...] = (
    {},
    {"state": Stance.LEFT},
    {"bounced": "letter", "tier": "paid", "source": None},
    {"date_order": "mdy"},
)


def mostly(plain: str, unusual: Sequence[str]) -> st.SearchStrategy[str]:
    """Three times as often the one as one of the others: a row is plain where all of its cells are."""
    return st.sampled_from([*[plain] * 3 * len(unusual), *unusual])


made = st.builds("{}@{}".format, st.text("aZ0._-+'%né ", max_size=6), st.sampled_from(["a.org", "b.con", "a.ko"]))
cells_of = {
    "email": mostly("Zoe@example.org", ADDRESSES.split()) | made,
    "name": mostly("Roux, née Brun", NAMES.split("|")) | st.text(max_size=8),
    "day": mostly("2024-03-05 13:30:00", ["", *DAYS.split("|")]),
    "word": mostly("", WORDS.split("|")),
}


def cell_of(name: str) -> st.SearchStrategy[str]:
    folded = name.casefold()
    for kind, hints in (("email", "email courriel"), ("name", "name nom"), ("day", "_time _at inscrit expiry until")):
        if any(hint in folded for hint in hints.split()) and "disabled" not in folded:
            return cells_of[kind]
    return cells_of["word"]


def rows_of(header: Sequence[str]) -> st.SearchStrategy[list[list[str]]]:
    """Rows with one of two cells in each column, as in a list: what was read of one row counts for the next."""
    columns = st.tuples(*(st.tuples(cell, cell) for cell in map(cell_of, header)))
    picks = st.lists(st.integers(0, 2 ** len(header) - 1), min_size=1, max_size=6)
    return st.builds(
        lambda two, picked: [[two[at][pick >> at & 1] for at in range(len(two))] for pick in picked], columns, picks
    )


def outcome(record: CsvRow, located: Located, said: Terms) -> tuple[Any, Counter[str]]:
    noted: Counter[str] = Counter()
    try:
        return read_candidate(record, located, said, noted), noted
    except (RefusedRow, WhichBounce) as refusal:
        return type(refusal), noted


@pytest.mark.parametrize("names", HEADERS, ids=lambda names: names[:6])
@given(data=st.data())
def test_what_is_read_quickly_is_what_is_read_with_every_question(names: str, data: st.DataObject) -> None:
    header = names.split(",")
    mapping = data.draw(st.sampled_from([{}, {}, {"opted_in": "#5"}]), "a column that may be two things")
    located, stated = locate(header, mapping), terms(**data.draw(st.sampled_from(SAID)))
    plain = PlainRows(located, stated)
    for line, cells in enumerate(data.draw(rows_of(header)), 2):
        record, noted = CsvRow(line, cells), Counter[str]()
        quick = plain.read(record, noted)
        if quick is None:
            assert not noted
        else:
            assert (quick, +noted) == outcome(record, located, stated)


@given(text=st.text(max_size=30))
def test_letters_are_counted_in_bytes_as_by_one(text: str) -> None:
    assert beyond_ascii(text) == sum(not letter.isascii() for letter in text)


seconds = st.integers(-2_600_000_000, 32_000_000_000)


@given(text=seconds.map(lambda at: f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M:%S}"))
@example(text="2024-03-31 02:30:00")  # an hour that Paris has not
@example(text="2024-10-27 02:30:00")  # ...that it has twice
@example(text="2024-02-30 10:00:00")
@example(text="2024-03-05 24:00:00")
def test_an_instant_as_databases_write_it_is_read_as_in_any_spelling(text: str) -> None:
    """A T between day and time is read the long way."""
    read: list[datetime | None] = []
    for spelling in (text, text.replace(" ", "T")):
        try:
            read.append(read_instant(spelling, PARIS, end=False))
        except Refused:
            read.append(None)
    assert read[0] == read[1]


@pytest.mark.parametrize("names", HEADERS, ids=lambda names: names[:6])
@given(data=st.data())
def test_questions_are_the_same_however_many_rows_are_looked_at_together(names: str, data: st.DataObject) -> None:
    header = names.split(",")
    found, rows = [], data.draw(rows_of(header)) * 3
    for size in (1, 2, len(rows)):
        watch = Watch(locate(header, {}), terms().now)
        for first in range(0, len(rows), size):
            watch.see(rows[first : first + size])
        try:
            watch.judge("list.csv", whole=True)
            found.append("")
        except UnreadColumns as questions:
            found.append(str(questions))
    assert found == [found[0]] * 3


def test_a_plain_row_is_read_quickly_and_an_unusual_one_is_not() -> None:
    """Or nothing above would be compared."""
    located, stated = locate(HEADERS[0].split(","), {}), terms()
    plain, noted = PlainRows(located, stated), Counter[str]()
    good = ["Zoe@Example.org", "Zoé", "Roux", "3", "2024-03-05 13:30:00", "", "", ""]
    row = plain.read(CsvRow(2, good), noted)
    assert row is not None
    assert (row["email"], row["name"], row["line"], row["standing"]) == ("Zoe@example.org", "Zoé Roux", 2, Stance.IN)
    assert not noted
    for at, cell in ((0, "Zoé <zoe@example.org>"), (2, "Roux (désabonnée)"), (4, "hier"), (4, "2999-01-01 00:00:00")):
        assert plain.read(CsvRow(3, [*good[:at], cell, *good[at + 1 :]]), noted) is None
    assert plain.read(CsvRow(4, good, "a quotation mark stands inside a cell"), noted) is None
    assert plain.read(CsvRow(5, ["info@gmial.com", *good[1:]]), noted) is not None
    assert plain.read(CsvRow(6, ["webmaster@example.org", *good[1:]]), noted) is not None
    assert noted == {"mistyped": 1, "role": 1}


def test_a_day_to_come_is_never_read_quickly() -> None:
    """What was read of one row says nothing of another's day."""
    located, stated = locate(["email", "inscrit le"], {}), terms()
    plain = PlainRows(located, replace(stated, now=stated.now.replace(year=2024)))
    assert plain.read(CsvRow(2, ["zoe@example.org", "2023-12-31 10:00:00"]), Counter()) is not None
    assert plain.read(CsvRow(3, ["zoe@example.org", "2025-01-01 10:00:00"]), Counter()) is None

"""``filigrane subscribers list``, ``count``, ``show`` and the options of ``import``, as they are typed."""

from __future__ import annotations

import csv
import json
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from composer.cli import main
from tests.support.address_keys import open_database
from tests.support.newsrooms import write_newsroom

Command = Callable[..., tuple[str, str]]

LIST = (
    "email;name;status;tier;paid_until;language;source\n"
    "anne@example.org;=Anne;active;paid;31/12/2090;;salon\n"
    "boris@example.org;Boris;active;paid;31/12/2020;en;form\n"
    "cleo@example.org;Cléo;unsubscribed;free;;;form\n"
    "dan@example.org;Dan;complained;free;;;form\n"
)


def newsroom(folder: Path, language: str = "en") -> Path:
    open_database("sqlite:///var/filigrane.db", write_newsroom(folder, language=language), create=True).dispose()
    return folder


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return newsroom(tmp_path)


@pytest.fixture
def listed(root: Path, filigrane: Command) -> None:
    (root / "list.csv").write_text(LIST, encoding="utf-8")
    filigrane("subscribers", "import", str(root / "list.csv"), "--publication", "vendredi")


@pytest.mark.usefixtures("listed")
def test_readers_are_listed_by_what_is_known_of_them(root: Path, filigrane: Command) -> None:
    def found(*arguments: str) -> list[str]:
        told = json.loads(filigrane("subscribers", "list", *arguments, "--json")[0])
        return [row["email"].split("@")[0] for row in told]

    assert found() == ["anne", "boris", "cleo", "dan"]
    assert found("--status", "active") == ["anne", "boris"]
    assert found("--status", "suppressed") == ["dan"]
    assert found("--tier", "paid") == ["anne"]  # what Boris paid has ended
    assert found("--tier", "free", "--status", "active") == ["boris"]
    assert found("--language", "en") == ["boris"]
    assert found("--source", "form") == ["boris"]  # the others never consented here
    assert found("--publication", "samedi") == []
    out, err = filigrane("subscribers", "list", "--status", "active")
    assert out.splitlines()[0].startswith("anne@example.org · =Anne · vendredi · active · paid → 2090-12-31")
    assert "2 subscriptions" in err


@pytest.mark.usefixtures("listed")
def test_a_list_as_csv_runs_no_formula_and_is_read_back(root: Path, filigrane: Command) -> None:
    out, _ = filigrane("subscribers", "list", "--csv", "--tier", "paid")
    assert [row["name"] for row in csv.DictReader(out.splitlines())] == ["'=Anne"]
    filigrane("subscribers", "list", "--csv", "--out", str(root / "out.csv"))
    assert (root / "out.csv").read_bytes().startswith(b"\xef\xbb\xbfemail,")
    told = filigrane("subscribers", "import", str(root / "out.csv"), "--publication", "samedi", "--json", code=1)[0]
    assert json.loads(told)["refused"] == 4  # each row names its own letter
    assert "not both" in filigrane("subscribers", "list", "--csv", "--json", code=2)[1]
    assert "--csv" in filigrane("subscribers", "list", "--out", str(root / "x"), code=2)[1]


@pytest.mark.usefixtures("listed")
def test_readers_are_counted(filigrane: Command) -> None:
    told = json.loads(filigrane("subscribers", "count", "--json")[0])
    assert told["total"] == 4
    assert told["by"] == ["publication", "status", "tier"]
    assert {(row["status"], row["tier"]): row["number"] for row in told["groups"]} == {
        ("active", "paid"): 1, ("active", "free"): 1, ("unsubscribed", "free"): 1, ("suppressed", "free"): 1,
    }  # fmt: skip
    by_source = json.loads(filigrane("subscribers", "count", "--by", "source", "--status", "active", "--json")[0])
    assert by_source["groups"] == [{"source": "form", "number": 1}, {"source": "salon", "number": 1}]
    out, _ = filigrane("subscribers", "count", "--by", "language", "--csv")
    assert list(csv.reader(out.splitlines())) == [["language", "number"], ["", "3"], ["en", "1"]]
    out, err = filigrane("subscribers", "count")
    assert "vendredi" in out
    assert "4 subscriptions" in err


def test_a_source_that_is_a_formula_is_none_in_the_counts(root: Path, filigrane: Command) -> None:
    filigrane("subscribers", "add", "a@example.org", "--publication", "vendredi", "--source", "=1+1")
    assert "'=1+1,1" in filigrane("subscribers", "count", "--by", "source", "--csv")[0]


def test_show_says_when_and_by_which_letter_a_reader_left(root: Path, filigrane: Command) -> None:
    """In the newsroom's zone."""
    path = root / "list.csv"
    path.write_text("email;inscrit le\nzoe@example.org;03/02/2024\n")
    filigrane("subscribers", "import", str(path), "--publication", "vendredi", "--source", "salon")
    filigrane("subscribers", "unsubscribe", "zoe@example.org")
    engine = open_database("sqlite:///var/filigrane.db", root)
    with engine.begin() as connection:
        for statement in (
            "UPDATE subscriptions SET unsubscribed_at = '2026-12-04 23:30:00.000000', unsubscribed_by = 'one-click'",
            *(
                "INSERT INTO mailings (id, publication, date, slug, subject, seal, state, dated, return_domain, "
                f"opened_at, secret_fingerprint) VALUES ({number}, 'vendredi', '{day}', '', 's', 'x', 'done', '2026', "
                f"'example.org', '{day} 06:00:00.000000', 'x')"
                for number, day in ((1, "2026-11-27"), (2, "2026-12-04"), (3, "2026-12-11"))
            ),
            "INSERT INTO mailing_editions (id, mailing_id, audience, language, seal, template) "
            "VALUES (1, 1, 'free', 'fr', 'x', x''), (2, 2, 'free', 'fr', 'x', x''), (3, 3, 'free', 'fr', 'x', x'')",
            *(
                "INSERT INTO deliveries (mailing_id, edition_id, subscriber_id, subscription_id, state, changed_at) "
                f"VALUES ({number}, {number}, 1, 1, '{state}', '2026-12-04 06:01:00.000000')"
                for number, state in ((1, "accepted"), (2, "accepted"), (3, "suppressed"))
            ),
        ):
            connection.execute(text(statement))
    engine.dispose()
    out, _ = filigrane("subscribers", "show", "zoe@example.org")
    assert "consent: salon, 2024-02-03 00:00" in out
    assert "left: 2026-12-05 00:30, by the mail program’s button" in out
    assert "the last letter before that: vendredi/2026-12-04" in out


def test_show_says_why_a_reader_is_suppressed(root: Path, filigrane: Command) -> None:
    (root / "list.csv").write_text("email,status\nzoe@example.org,complained\n")
    filigrane("subscribers", "import", str(root / "list.csv"), "--publication", "vendredi", "--source", "x")
    out, _ = filigrane("subscribers", "show", "zoe@example.org")
    assert "suppressed: reported a letter as spam, 20" in out
    assert "left: 20" in out
    assert "according to an imported list" in out


def test_the_whole_line_to_paste_answers_every_question(root: Path, filigrane: Command) -> None:
    path = root / "cleaned.csv"
    path.write_text("email;Consent;Fin de droits;Note\na@example.org;oui;31/12/2090;word\n")
    command = ("subscribers", "import", str(path), "--publication", "vendredi", "--source", "x", "--dry-run")
    _, told = filigrane(*command, code=1)
    for words in ("--map Consent=ignore", "--map 'Fin de droits=ignore'", "--state active", "“cleaned.csv”"):
        assert words in told
    example = shlex.split(told.splitlines()[-1].removeprefix("For example: "))
    assert example[-6:] == ["--map", "opted_in=Consent", "--map", "paid_until=Fin de droits", "--state", "bounced"]
    assert json.loads(filigrane(*example[3:], "--json")[0])["banned"] == 1
    ignored = ("--map", "Consent=ignore,Fin de droits=ignore", "--state", "active")
    _, told = filigrane(*command, *ignored)
    assert "Columns not read: Consent, Fin de droits, Note" in told


def test_a_column_of_yes_and_no_must_be_decided(root: Path, filigrane: Command) -> None:
    """Yes could mean either: the line as it is proposed is refused."""
    path = root / "list.csv"
    path.write_text("email,Answer\na@example.org,no\nb@example.org,yes\n")
    command = ("subscribers", "import", str(path), "--publication", "vendredi", "--source", "x")
    _, told = filigrane(*command, code=1)
    line = told.splitlines()[-1]
    assert line.startswith("For example, with an answer in place of each “?”: ")
    assert "knows no “?”" in filigrane(*command, *shlex.split(line)[-2:], code=1)[1]


def test_what_was_found_is_said_with_its_number(root: Path, filigrane: Command) -> None:
    path = root / "list.csv"
    path.write_text(
        "first_name,email,created_at,status\nA,abuse@example.org,2024-01-05,active\nB,b@gmial.com,soon,active\n"
        "C,c@example.org,,\nD,d@example.org,,complained\n"
    )
    _, told = filigrane("subscribers", "import", str(path), "--publication", "vendredi", "--source", "x")
    for words in (
        "2 rows added", "1 address closed for every letter", "1 row without a proof of consent", "--report FILE",
        "1 address of a function", "1 address whose domain looks mistyped", "1 day of consent that is no date",
        "an export of Kit",
    ):  # fmt: skip
        assert words in told


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--code", "n:2"), "COLUMN:VALUE=STATE"), (("--delimiter", "x"), "no delimiter"),
        (("--timezone", "Mars/Base"), "no time zone"),
        (("--date-order", "ymd"), "ymd"), (("--state", "gone"), "gone"), (("--bounced", "maybe"), "maybe"),
    ],
)  # fmt: skip
def test_options_that_make_no_sense_are_refused(
    root: Path, filigrane: Command, arguments: tuple[str, ...], words: str
) -> None:
    (root / "list.csv").write_text("email\na@example.org\n")
    command = ("subscribers", "import", str(root / "list.csv"), "--publication", "vendredi", "--source", "x")
    assert words in filigrane(*command, *arguments, code=2)[1]


def test_the_options_of_dates_and_delimiters(root: Path, filigrane: Command) -> None:
    path = root / "list.csv"
    path.write_text("email\tcreated_at\na@example.org\t12/31/2023 11:30 PM\n")
    command = ("subscribers", "import", str(path), "--publication", "vendredi", "--source", "x", "--delimiter", "tab")
    filigrane(*command, "--date-order", "mdy", "--timezone", "America/New_York")
    shown = json.loads(filigrane("subscribers", "show", "a@example.org", "--json")[0])
    assert shown["subscriptions"][0]["created_at"] == "2024-01-01T04:30:00+00:00"


def test_a_french_report_opens_in_a_french_spreadsheet(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = newsroom(tmp_path / "fr", "fr")
    (root / "list.csv").write_text("Courriel;Ville\nnobody;Lyon\nzoe@example.org;Lyon\n")
    report = root / "report.csv"
    command = ["--newsroom", str(root), "subscribers", "import", str(root / "list.csv"), "--publication", "vendredi"]
    with pytest.raises(SystemExit) as ended:
        main([*command, "--source", "salon", "--report", str(report)])
    assert ended.value.code == 0
    assert report.read_bytes().startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(report.read_text(encoding="utf-8-sig").splitlines(), delimiter=";"))
    assert rows[0] == ["ligne", "raison", "Courriel", "Ville"]
    assert rows[1] == ["", "lue comme --source salon", "email", "non lue"]
    assert rows[2][2:] == ["nobody", "Lyon"]
    assert "1 refusée" in capsys.readouterr().err


def test_states_and_bounces_have_french_words(tmp_path: Path, filigrane: Command) -> None:
    """As they are asked, listed and typed."""
    newsroom(tmp_path, "fr")
    path = tmp_path / "désabonnés.csv"
    path.write_text("email,statut\na@example.org,bounced\n")
    command = ("subscribers", "import", str(path), "--publication", "vendredi", "--source", "x")
    _, told = filigrane(*command, code=1)
    for words in ("--state désabonné ", "--state injoignable ", "--state non-confirmé ", "--bounced partout "):
        assert f"  {words}" in told
    example = shlex.split(told.splitlines()[-1].removeprefix("Par exemple : ").removeprefix("Par exemple\xa0: "))
    assert json.loads(filigrane(*example[3:], "--json")[0])["banned"] == 1
    for state in ("non confirmé", "unconfirmed", "plainte"):
        filigrane(*command, "--state", state, "--bounced", "lettre", "--dry-run")
    assert "désabonné, injoignable" in filigrane(*command, "--state", "parti", code=2)[1]


@pytest.mark.usefixtures("listed")
def test_no_file_but_an_earlier_one_is_written_over(root: Path, filigrane: Command) -> None:
    mine = root / "mine.csv"
    for arguments, code in (
        (("export", "--out", str(mine)), 1), (("list", "--csv", "--out", str(mine)), 1),
        (("export", "--person", "anne@example.org", "--out", str(mine)), 1),
        (("import", str(root / "list.csv"), "--publication", "vendredi", "--report", str(mine)), 1),
    ):  # fmt: skip
        mine.write_text("email;nom\na@example.org;A\n")
        assert "rm -- " in filigrane("subscribers", *arguments, code=code)[1]
        assert mine.read_text() == "email;nom\na@example.org;A\n"
        mine.unlink()
        for _again in range(2):
            filigrane("subscribers", *arguments)

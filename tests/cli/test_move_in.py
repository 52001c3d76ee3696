"""``filigrane move-in``, as it is typed."""

from __future__ import annotations

import io
import json
import shlex
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import func, select

from composer.subscribers import importing
from composer.subscribers.tables import subscribers
from tests.subscribers.support.platform_exports import EXPORTS, MAILCHIMP
from tests.support.address_keys import open_database
from tests.support.newsrooms import write_newsroom

Command = Callable[..., tuple[str, str]]
SAID = ("--publication", "vendredi", "--source", "form")
EQUATION = "9 rows = 2 readers + 2 left + 2 bounced + 1 complaint + 1 without a proof of consent + 1 duplicate"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A newsroom with an empty database."""
    root = tmp_path / "room"
    open_database("sqlite:///var/filigrane.db", write_newsroom(root), create=True).dispose()
    return root


@pytest.fixture
def exports(tmp_path: Path) -> Path:
    folder = tmp_path / "exports"
    folder.mkdir()
    return folder


@pytest.fixture
def chimp(exports: Path) -> list[str]:
    return list(map(str, MAILCHIMP.write(exports)))


def readers(root: Path) -> int:
    engine = open_database("sqlite:///var/filigrane.db", root)
    with engine.connect() as connection:
        number: int = connection.execute(select(func.count()).select_from(subscribers)).scalar_one()
    engine.dispose()
    return number


def test_it_says_where_the_files_come_from_and_the_equation(root: Path, chimp: list[str], filigrane: Command) -> None:
    stdout, stderr = filigrane("move-in", *chimp, *SAID)
    assert stdout == ""
    assert f"\n{EQUATION}\n" in stderr
    assert stderr.count("read as Mailchimp, because of its columns MEMBER_RATING") == 4
    assert "cleaned_email_audience_export_1.csv: read as Mailchimp" in stderr
    assert "; all its rows “bounced”, by its name" in stderr
    assert "readers of vendredi: 0 before, 2 now · unexplained: 0" in stderr
    assert "Not in an export of Mailchimp: who never confirmed" in stderr
    assert readers(root) == 7


def test_what_is_kept_beside_the_files_is_for_this_account_alone(
    root: Path, exports: Path, chimp: list[str], filigrane: Command
) -> None:
    filigrane("move-in", *chimp, *SAID)
    kept = exports / "move-in-vendredi"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in kept.iterdir()} == {0o600}
    assert sorted(path.name for path in kept.iterdir()) == sorted(["equation.txt", *MAILCHIMP.files])
    told = (kept / "equation.txt").read_text("utf-8-sig")
    assert EQUATION in told
    assert "sha256" in told
    assert "0 before, 2 now · unexplained: 0" in told
    filigrane("move-in", *chimp, *SAID)  # over an earlier one of its own


def test_a_dry_run_says_all_of_it_and_changes_nothing(
    root: Path, exports: Path, chimp: list[str], filigrane: Command
) -> None:
    told = json.loads(filigrane("move-in", *chimp, *SAID, "--dry-run", "--json")[0])
    assert (told["rows"], told["readers"], told["unexplained"], told["after"]) == (9, 2, 0, None)
    assert [one["platform"] for one in told["files"]] == ["Mailchimp"] * 4
    assert readers(root) == 0
    assert "Not written yet" in (exports / "move-in-vendredi" / "equation.txt").read_text("utf-8-sig")
    done = json.loads(filigrane("move-in", *chimp, *SAID, "--json")[0])
    assert (done["before"], done["after"], done["unexplained"]) == (0, 2, 0)
    assert {name: done[name] for name in ("readers", "left", "bounced", "twice")} == {
        name: told[name] for name in ("readers", "left", "bounced", "twice")
    }


def test_at_a_terminal_it_asks(
    root: Path, chimp: list[str], filigrane: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    for typed, code, number in (("n\n", 1, 0), ("", 1, 0), ("y\n", 0, 7)):
        monkeypatch.setattr("sys.stdin", terminal := io.StringIO(typed))
        terminal.isatty = lambda: True  # type: ignore[method-assign] # reason: a terminal
        _, stderr = filigrane("move-in", *chimp, *SAID, code=code)
        assert stderr.index(EQUATION) < stderr.index("2 readers of vendredi would come from these files")
        assert readers(root) == number
    monkeypatch.setattr("sys.stdin", terminal)
    assert "would come" not in filigrane("move-in", *chimp, *SAID, "--yes")[1]


def test_what_is_not_known_is_asked_with_the_line_to_type(root: Path, exports: Path, filigrane: Command) -> None:
    (exports / "a list.csv").write_text("email,Ne plus écrire\nanne@example.org,\nbea@example.org,x\n")
    (exports / "gone.csv").write_text("email\ncleo@example.org\n")
    (exports / "gone.csv").rename(exports / "unsubscribed.csv")
    files = (str(exports / "a list.csv"), str(exports / "unsubscribed.csv"))
    command = ("move-in", *files, *SAID)
    _, stderr = filigrane(*command, code=1)
    assert readers(root) == 0
    example = shlex.split(stderr.splitlines()[-1].removeprefix("For example: "))
    assert example[1:] == [
        "--newsroom", str(root), *command, "--map", "1:opted_out=Ne plus écrire", "--state", "2:unsubscribed",
    ]  # fmt: skip
    _, stderr = filigrane(*example[example.index("move-in") :])
    assert "3 rows = 1 reader + 2 left" in stderr


def test_of_one_file_the_answers_have_no_number(root: Path, exports: Path, filigrane: Command) -> None:
    (exports / "unsubscribed.csv").write_text("email\ncleo@example.org\n")
    command = ("move-in", str(exports / "unsubscribed.csv"), *SAID)
    assert "\nFor example: filigrane " in (told := filigrane(*command, code=1)[1])
    assert told.endswith("--state unsubscribed\n")
    assert "1 row = 0 readers + 1 leaver" in filigrane(*command, "--state", "unsubscribed")[1]


def test_refused_rows_are_shown(root: Path, exports: Path, filigrane: Command) -> None:
    lines = "".join(f"reader{number}.example.org,active\n" for number in range(12))
    (exports / "list.csv").write_text(f"email,status\nanne@example.org,active\n{lines}")
    _, stderr = filigrane("move-in", str(exports / "list.csv"), *SAID)
    assert "12 rows were refused:\n  list.csv:3: " in stderr
    assert "\n  … and 2 others\n" in stderr
    assert "of no platform that is known: read by the names of its columns" in stderr
    assert "No row of these files says that a reader left or bounced" in stderr


def test_where_no_row_is_of_use_it_is_an_error(root: Path, exports: Path, filigrane: Command) -> None:
    (exports / "list.csv").write_text("email,status\nnobody,active\n")
    _, stderr = filigrane("move-in", str(exports / "list.csv"), *SAID, code=1)
    assert "no row of these files can be moved in" in stderr


def test_what_the_database_does_not_hold_is_an_error(
    root: Path, chimp: list[str], filigrane: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "merge", lambda *_arguments: None)
    _, stderr = filigrane("move-in", *chimp, *SAID, code=1)
    assert "UNEXPLAINED: " in stderr
    assert "subscribed_email_audience_export_1.csv:2" in stderr


def test_a_folder_that_is_named_for_the_report_must_take_it(root: Path, chimp: list[str], filigrane: Command) -> None:
    taken = root / "taken"
    (taken / "move-in-vendredi").mkdir(parents=True)
    (taken / "move-in-vendredi" / "equation.txt").write_text("something else\n")
    _, stderr = filigrane("move-in", *chimp, *SAID, "--report", str(taken), code=1)
    assert "no earlier file of this command" in stderr
    _, stderr = filigrane("move-in", *chimp, *SAID, "--report", str(root / "absent"), code=3)
    assert "cannot be written" in stderr
    assert readers(root) == 0


def test_a_folder_that_is_a_link_is_not_written_through(
    root: Path, exports: Path, chimp: list[str], filigrane: Command
) -> None:
    elsewhere = root / "elsewhere"
    elsewhere.mkdir()
    (exports / "move-in-vendredi").symlink_to(elsewhere)
    _, stderr = filigrane("move-in", *chimp, *SAID)
    assert "are not kept" in stderr
    assert "is a link" in stderr
    assert list(elsewhere.iterdir()) == []
    assert readers(root) == 7


@pytest.mark.parametrize(
    ("typed", "code", "words"),
    [
        ((), 2, "is missing"),
        (("absent.csv",), 2, "does not exist"),
        ((".",), 2, "is a folder; name the files in it: filigrane move-in"),
        (("list.csv", "list.csv"), 2, "are the same file: give it once"),
        (("list.csv", "link.csv"), 2, "are the same file: give it once"),
        (("list.csv", "copy.csv"), 1, "are the same file: give it once. Is one of them"),
        (("empty.csv",), 1, "is empty"),
        (("list.csv", "other.csv", "--state", "unsubscribed"), 2, "--state 2:unsubscribed is of the second"),
        (("list.csv", "other.csv", "--state", "3:unsubscribed"), 2, "there are 2 files"),
        (("list.csv", "other.csv", "--map", "opted_out=#2"), 2, "say of which file"),
        (("list.csv", "--state", "gargled"), 2, "none of"),
        (("list.csv", "--map", "opted_out=Nothing"), 1, "there is no column “Nothing”"),
        (("cut.csv",), 1, "ends in the middle of its last row"),
        (("quoted.csv",), 1, "never closed"),
        (("list.zip",), 1, "this is an archive"),
    ],
)
def test_wrong_input_is_told_and_changes_nothing(
    root: Path,
    exports: Path,
    filigrane: Command,
    monkeypatch: pytest.MonkeyPatch,
    typed: tuple[str, ...],
    code: int,
    words: str,
) -> None:
    monkeypatch.chdir(exports)
    (exports / "list.csv").write_text("email,status\nanne@example.org,active\n")
    (exports / "copy.csv").write_text("email,status\nanne@example.org,active\n")
    (exports / "other.csv").write_text("email,town\nbea@example.org,Brest\n")
    (exports / "link.csv").symlink_to(exports / "list.csv")
    (exports / "empty.csv").touch()
    (exports / "cut.csv").write_text("email,status,town\nanne@example.org,active,Brest\nbea@exam")
    (exports / "quoted.csv").write_text('email,status\nanne@example.org,active\nbea@example.org,"acti')
    (exports / "list.zip").write_bytes(b"PK\x03\x04\x14\x00\x00\x00")
    _, stderr = filigrane("move-in", *typed, *SAID, code=code)
    assert words in " ".join(stderr.split())
    assert readers(root) == 0


def test_files_of_two_platforms_are_told_apart(root: Path, exports: Path, filigrane: Command) -> None:
    files = [*EXPORTS[0].write(exports), *EXPORTS[1].write(exports)]
    _, stderr = filigrane("move-in", *map(str, files), *SAID, code=1)
    assert "is an export of Substack (active_subscription, email_disabled)" in stderr
    assert "of Ghost (subscribed_to_emails, complimentary_plan)" in stderr
    assert readers(root) == 0


def test_in_french(tmp_path: Path, chimp: list[str], root: Path, filigrane: Command) -> None:
    settings = root / "config" / "newsroom.yaml"
    settings.write_text(settings.read_text("utf-8").replace("language: en", "language: fr"), "utf-8")
    _, stderr = filigrane("move-in", *chimp, *SAID)
    said = stderr.replace("\u202f", " ").replace("\xa0", " ")
    assert (
        "9 lignes = 2 lecteurs + 2 partis + 2 injoignables + 1 plainte + 1 sans preuve de consentement + 1 doublon"
        in said
    )
    assert "lecteurs de vendredi : 0 avant, 2 maintenant · inexpliqué : 0" in said


def test_of_a_folder_what_is_no_list_is_left_out_and_named(tmp_path: Path, root: Path, filigrane: Command) -> None:
    """The command that is printed is one that can be typed."""
    mixed = tmp_path / "exports"
    (mixed / "move-in-vendredi").mkdir(parents=True)
    (mixed / "left.csv").write_text("email\n")  # an export of nobody
    (mixed / "readers.csv").write_text("email,status\nanne@example.org,active\n", encoding="utf-16")
    (mixed / "export.zip").write_bytes(b"PK\x03\x04\x14\x00\x00\x00@")
    (mixed / "lisez-moi.txt").write_text("Les exports\nde lundi\n")
    (mixed / ".DS_Store").write_bytes(b"\0\0\0\1Bud1@")
    _, told = filigrane("move-in", str(mixed), *SAID, code=2)
    command, others = told.strip().splitlines()[-2:]
    assert command.endswith(f": filigrane move-in {mixed / 'left.csv'} {mixed / 'readers.csv'}")
    assert others == "Without those that are no lists, by what they hold: export.zip, lisez-moi.txt"
    for number in range(30):
        (mixed / f"{number}.csv").write_text("email\n")
    _, told = filigrane("move-in", str(mixed), *SAID, code=2)
    assert "29.csv" in told, "no pattern, which would take the others too"


def test_of_a_folder_with_many_files_the_command_to_type_leaves_none_out(
    tmp_path: Path, root: Path, filigrane: Command
) -> None:
    many = tmp_path / "the exports"
    many.mkdir()
    for number in range(21):
        (many / f"{number}.csv").write_text("email\n")
    _, told = filigrane("move-in", str(many), *SAID, code=2)
    assert f"filigrane move-in '{many}'/*" in told
    (many / "0.csv").unlink()
    _, told = filigrane("move-in", str(many), *SAID, code=2)
    assert all(f"{number}.csv" in told for number in range(1, 21))

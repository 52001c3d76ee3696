"""What an editor types wrongly in the first hour: each answer is in French, true, and says what to type."""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
from pathlib import Path

import pytest
import time_machine
from click.testing import CliRunner, Result

from composer.cli import COMMANDS, filigrane, main
from composer.cli.subscribers import subscribers
from composer.errors import FiligraneError
from composer.locale import use
from tests.support.newsrooms import write_newsroom

NOON = "2026-11-30 12:00+00:00"  # a Monday; “lettre” comes out on Fridays
ISSUE = """\
objet: Le pont que l’on ferme
apercu: Dix-huit mois de travaux
blocs:
- edito:
    titre: Le pont que l’on ferme
    texte: |
      Bonjour. Le pont ferme au printemps.
- ours: auto
"""


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    room = tmp_path_factory.mktemp("first") / "room"
    assert CliRunner().invoke(filigrane, ["init", "--no-git", str(room)]).exit_code == 0
    for path in (room / "config/newsroom.yaml", room / "config/publications/lettre.yaml"):
        text = path.read_text("utf-8").replace("a-remplacer.example", "gazette.example")
        path.write_text(re.sub("(?i)exemple", "Gazette", text), "utf-8")
    return room


@pytest.fixture
def room(model: Path, tmp_path: Path) -> Path:
    shutil.copytree(model, tmp_path / "room")
    return tmp_path / "room"


def typed(folder: Path, *words: str) -> Result:
    use("en")  # the command line finds the language by itself
    with time_machine.travel(NOON):
        return CliRunner().invoke(filigrane, ["--newsroom", str(folder), *words])


def said(folder: Path, *words: str) -> str:
    """All that the command says, with ordinary spaces."""
    done = typed(folder, *words)
    error = done.exception.shown() if isinstance(done.exception, FiligraneError) else ""
    return " ".join(f"{done.stdout} {done.stderr} {error}".split())


def write(folder: Path, name: str, text: str = ISSUE) -> Path:
    path = folder / "issues/lettre" / name
    path.write_text(text, "utf-8")
    return path


def test_no_word_at_all_shows_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main([])
    shown = capsys.readouterr()
    assert "calendar" in shown.out + shown.err


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("chek", "vouliez-vous dire filigrane check ?"),
        ("calender", "vouliez-vous dire filigrane calendar ?"),
        ("nouveau lettre", "vouliez-vous dire filigrane new ?"),
        ("Vérifier x", "vouliez-vous dire filigrane check ?"),
        ("publicités", "vouliez-vous dire filigrane calendar ?"),
        ("liste", "il n’y a pas de commande « liste »"),
        ("nwe lettre", "vouliez-vous dire filigrane new ?"),
        ("lettre/2026-12-04", "vouliez-vous dire filigrane check lettre/2026-12-04 ?"),
        ("db upgrad", "il n’y a pas de commande « upgrad ». Vouliez-vous dire « upgrade » ?"),
        ("explain placeholder", "vouliez-vous dire filigrane check --explain ?"),
        ("approve x", "il manque « --by NOM »"),
        ("new", "il manque « PUBLICATION »"),
        ("new lettre 2026-12-11", "un mot de trop : 2026-12-11. Ce qui contient des espaces se met entre guillemets"),
        ("approve x --by Camille Orsenne", "un mot de trop : Orsenne."),
        ("calendar --weeks 0", "« --weeks » : 0 n’est pas possible : de 1 à 104."),
        ("check x --newsroom r", "filigrane --newsroom DOSSIER check"),
        ("render x --out o --audience tous", "« tous » ne fait pas partie de : gratuit, payant"),
        ("demo --language de", "« de » ne fait pas partie de : fr, en"),
        ("new lettr", "vouliez-vous dire lettre ?"),
        ("new courrier", "il y a : lettre"),
        ("preview lettr/2026-12-09", "il n’y a pas de numéro « lettr/2026-12-09 »"),
        ("mailings --last 99999999999", "99999999999 n’est pas possible : de 1 à 1000000."),
        ("deliveries 1 --from absent", "absent ne peut pas être lu : il n’y a pas de tel fichier"),
        ("mailings annuler 1", "vouliez-vous dire cancel ?"),
        ("mailings paus 1", "vouliez-vous dire pause ?"),
        ("calendar --semaines 2", "Vouliez-vous dire « --weeks » ?"),
        ("approve x --par Moi", "Vouliez-vous dire « --by » ?"),
        ("new lettre --aide", "Afficher ce message"),
        ("calendar --week 2", "Vouliez-vous dire « --weeks » ?"),
        ("skip 2026-12-04", "une parution se nomme publication/date"),
    ],
)
def test_a_slip_is_answered_with_what_to_type(room: Path, words: str, answer: str) -> None:
    told = said(room, *words.split())
    assert answer in told
    assert "filigrane send" not in told  # no slip is answered with what cannot be taken back
    assert not re.search(r"'[^']*'", told)


@pytest.mark.parametrize("words", [["help"], ["aide", "db", "upgrade"], ["--aide"], ["--version"]])
def test_what_other_programs_call_it_works(room: Path, words: list[str]) -> None:
    assert CliRunner().invoke(filigrane, words).exit_code == 0


@pytest.mark.parametrize(
    ("words", "code", "named"),
    [
        (["check", "lettre/2027-01-01", "--json"], 1, "lettre/2027-01-01"),
        (["calendar", "--json"], 1, "not-an-integer"),
        (["render", "lettre/2026-12-04", "--out", "config/newsroom.yaml/x", "--json"], 3, "config/newsroom.yaml"),
    ],
)
def test_an_error_under_json_is_a_document_too(
    room: Path, words: list[str], code: int, named: str, capsys: pytest.CaptureFixture[str]
) -> None:
    write(room, "2026-12-04.yaml")
    if named == "not-an-integer":
        settings = room / "config/newsroom.yaml"
        settings.write_text(settings.read_text("utf-8").replace("port: 587", "port: beaucoup"), "utf-8")
    with pytest.raises(SystemExit) as ended:
        main(["--newsroom", str(room), *[word.replace("config/", f"{room}/config/") for word in words]])
    shown = capsys.readouterr()
    document = json.loads(shown.out)
    assert ended.value.code == document["exit_code"] == code
    assert named in document["error"]
    assert document.get("findings", [{"code": named}])[0]["code"] == named
    assert shown.err


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("name", COMMANDS)
def test_help_fits_eighty_columns_and_one_language(name: str, language: str, tmp_path: Path) -> None:
    write_newsroom(tmp_path, language=language)
    below = list(subscribers.commands) if name == "subscribers" else []
    for more in ([], *([each] for each in below)):
        shown = CliRunner().invoke(filigrane, ["--newsroom", str(tmp_path), name, *more, "--help"]).output
        assert [line for line in shown.splitlines() if len(line) > 80] == []
        assert "<=" not in shown
        assert not (language == "fr" and re.search(r"\b(expired|in_doubt)\b", shown))


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("2026-12-04", "lettre/2026-12-04"),
        ("lettre/2026-12-4", "lettre/2026-12-04"),
        ("Letre/2026-12-04", "lettre/2026-12-04"),
        ("lettre/2026-12-05", "filigrane new lettre --date 2026-12-05"),
    ],
)
def test_an_issue_that_is_not_there_is_answered_with_the_one_meant(room: Path, word: str, meant: str) -> None:
    write(room, "2026-12-04.yaml")
    write(room, "2026-12-18.yaml")
    assert meant in said(room, "check", word)
    assert meant in said(room, "preview", word)


@pytest.mark.parametrize("word", ["issues/lettre/2026-12-04", "lettre/2026-12-04.sealed/", " lettre/2026-12-04 "])
def test_an_issue_is_found_by_what_a_terminal_makes_of_its_name(room: Path, word: str) -> None:
    write(room, "2026-12-04.yaml")
    assert typed(room, "check", word).exit_code == 0


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (["lettre", "--date", "2026-02-30"], "le calendrier n’a pas de jour 2026-02-30"),
        (["lettre", "--date", "2026-11-27"], "son heure est passée"),
        (["lettre", "--date", "2026-12-10"], "lettre ne paraît pas ce jour-là"),
        (["lettre/2026-12-18"], "2026-12-18.yaml"),
        (["lettre/2026-12-18-noel"], "2026-12-18-noel.yaml"),
        (["lettre/2026-12-18 Noël"], "après la date peut venir un nom"),
        (["lettre/2026-12-18.en"], "Une traduction commence par une copie"),
        (["lettre", "--date", "25/12/2026"], "année-mois-jour : 2026-12-25"),
    ],
)
def test_new_says_of_a_date_that_nothing_would_leave(room: Path, words: list[str], answer: str) -> None:
    assert answer in said(room, "new", *words)


def test_a_text_that_a_program_named_is_answered_where_the_issue_is_asked_for(room: Path) -> None:
    write(room, "2026-12-04.yaml.txt")
    told = said(room, "check", "lettre/2026-12-04")
    assert "→ 2026-12-04.yaml" in told
    assert "filigrane new" not in told


def test_the_first_of_a_month_is_written_so_in_french(room: Path) -> None:
    assert "ven. 1er janv. 07:00" in said(room, "calendar")


def test_an_approval_says_how_it_gets_to_the_server(room: Path) -> None:
    write(room, "2026-12-04.yaml")
    assert "git push" not in said(room, "approve", "lettre/2026-12-04", "--by", "Moi")
    (room / ".git").mkdir()
    assert "git push" in said(room, "approve", "lettre/2026-12-04", "--by", "Moi")


def test_a_brief_of_the_skeleton_is_one_point(room: Path) -> None:
    typed(room, "new", "lettre")
    path = room / "issues/lettre/2026-12-04.yaml"
    text = path.read_text("utf-8")
    assert "- breves: |\n" in text
    path.write_text(ISSUE.replace("- ours", "- breves: |\n    - **Un titre.** Un texte.\n- ours"), "utf-8")
    assert typed(room, "check", "lettre/2026-12-04").exit_code == 0


def test_a_date_under_sauf_is_told_wherever_it_matters(room: Path) -> None:
    write(room, "2026-12-04.yaml")
    publication = room / "config/publications/lettre.yaml"
    publication.write_text(
        publication.read_text("utf-8").replace("  heure:", "  sauf: [2026-12-04]\n  heure:"), "utf-8"
    )
    assert "2026-12-04 est sous « sauf »" in said(room, "check", "lettre/2026-12-04")
    assert "sa date est sous « sauf »" in said(room, "approve", "lettre/2026-12-04", "--by", "Moi")
    assert "aucun : sous « sauf »" in said(room, "calendar")
    assert "2026-12-04 est sous « sauf »" in said(room, "skip", "lettre/2026-12-04")
    assert "écrivez « sauf: [2026-12-11] » sous « parution: »" in said(room, "skip", "lettre/2026-12-11")


def test_a_date_under_sauf_on_which_nothing_was_due_is_told(room: Path) -> None:
    publication = room / "config/publications/lettre.yaml"
    days = "sauf: [2026-11-05, 2026-12-03, 2026-12-11]"  # a Thursday that is past, one that is not, a Friday
    publication.write_text(publication.read_text("utf-8").replace("  heure:", f"  {days}\n  heure:"), "utf-8")
    told = said(room, "check", "--all")
    assert told.count("[weekday]") == 1
    assert "le 2026-12-03 est un jeudi, et cette publication paraît le vendredi : est-ce le 2026-12-04 ?" in told


def test_of_a_friday_that_is_missed_it_is_told_that_it_does_not_leave(room: Path) -> None:
    write(room, "2026-11-27.yaml")
    assert "il ne part plus de soi-même : filigrane send" in said(room, "approve", "lettre/2026-11-27", "--by", "Moi")
    assert "(son heure est passée" in said(room, "calendar")


def test_of_two_issues_of_a_day_the_second_is_told(room: Path) -> None:
    write(room, "2026-12-04-halle.yaml")
    assert "il part le vendredi 4 décembre" in said(room, "approve", "lettre/2026-12-04-halle", "--by", "Moi")
    write(room, "2026-12-04.yaml")
    assert "c’est 2026-12-04.yaml qui part ce jour-là" in said(room, "check", "lettre/2026-12-04-halle")
    assert "c’est 2026-12-04.yaml qui part à sa date" in said(room, "approve", "lettre/2026-12-04-halle", "--by", "Moi")
    assert "un autre numéro part ce jour-là" in said(room, "calendar")


def test_an_approval_without_its_translation_s_says_so(room: Path) -> None:
    write(room, "2026-12-04.yaml")
    write(room, "2026-12-04.en.yaml", "traduction_de: 2026-12-04.yaml\n" + ISSUE)
    told = said(room, "approve", "lettre/2026-12-04", "--by", "Moi")
    assert "il part le" not in told
    assert "2026-12-04.en.yaml" in told


def test_one_day_of_the_week_needs_no_list(room: Path) -> None:
    write(room, "2026-12-04.yaml")
    publication = room / "config/publications/lettre.yaml"
    publication.write_text(publication.read_text("utf-8").replace("[vendredi]", "vendredi"), "utf-8")
    assert "il part le vendredi" in said(room, "approve", "lettre/2026-12-04", "--by", "Moi")


@pytest.mark.slow
def test_files_that_nobody_reads_are_named(room: Path) -> None:
    for name in ("2026-12-11.yaml.txt", "2026-12-18.YAML", "2026-12-25 Le pont de l’île.yaml", "2026-12-04.yaml"):
        write(room, name)
    write(room, "2026-12-04 (1).yaml")
    (room / "issues/2027-01-01.yaml").write_text(ISSUE, "utf-8")
    (room / "2027-01-08.yaml").write_text(ISSUE, "utf-8")
    (room / "issues/lettre/2027-01-15.sealed").mkdir()
    for name in ("2027-01-22.txt", "2027-01-29", ".2027-02-05.yaml.icloud", "2027-02-12.docx", "2027-02-19.yaml.yaml"):
        write(room, name)
    told = said(room, "check", "--all", "--jobs", "1")
    for part in (
        "→ 2026-12-11.yaml",
        "→ 2026-12-18.yaml",
        "→ 2026-12-25-le-pont-de-l-ile.yaml",
        "2026-12-04.yaml est déjà là pour cette date",
        "issues/2027-01-01.yaml:1:1: un numéro se range dans issues/<publication>/",
        "2027-01-08.yaml:1:1: un numéro se range",
        "2027-01-15.sealed:1:1: remarque : il n’y a plus de numéro",
        "→ 2027-01-22.yaml",
        "→ 2027-01-29.yaml",
        "2027-02-05.yaml est dans iCloud",
        "un numéro est un texte brut, 2027-02-12.yaml",
        "→ 2027-02-19.yaml",
    ):
        assert part in told


@pytest.mark.parametrize(
    ("content", "program"),
    [(b"PK\x03\x04\x14\x00", "Word"), (b"{\\rtf1\\ansi Bonjour}", "RTF"), (b"<!DOCTYPE html><p>Bonjour", "HTML")],
)
def test_another_program_s_document_is_called_that(room: Path, content: bytes, program: str) -> None:
    (room / "issues/lettre/2026-12-04.yaml").write_bytes(content)
    told = said(room, "check", "lettre/2026-12-04")
    assert program in told
    assert "texte brut" in told


def test_a_model_advertisement_named_by_the_issue_itself_is_not_approved(room: Path) -> None:
    slot = "- publicite:\n    emplacement: principal\n    creation: exemple/automne\n- ours"
    write(room, "2026-12-04.yaml", ISSUE.replace("- ours", slot))
    assert typed(room, "approve", "lettre/2026-12-04", "--by", "Moi").exit_code != 0
    for words in (["lettre/2026-12-04"], ["--all", "--jobs", "1"]):
        told = said(room, "check", *words)
        assert "config/sponsors/exemple.yaml" in told
        assert told.count("[placeholder]") == 1


def test_a_mistake_in_the_file_of_its_advertiser_is_no_mistake_elsewhere(room: Path) -> None:
    sponsor = room / "config/sponsors/exemple.yaml"
    booked = "reservations:\n- {publication: lettre, date: demain, emplacement: principal, creation: automne}\n"
    sponsor.write_text(sponsor.read_text("utf-8").partition("reservations:")[0] + booked, "utf-8")
    write(room, "2026-12-04.yaml", ISSUE.replace("- ours", "- publicite: principal\n- ours"))
    assert "n’a pas besoin" not in said(room, "check", "lettre/2026-12-04")


def test_a_translation_with_a_hyphen_is_answered_with_its_name(room: Path) -> None:
    write(room, "2026-12-04.yaml")
    write(room, "2026-12-04-en.yaml", "traduction_de: 2026-12-04.yaml\n" + ISSUE)
    assert "renommez ce fichier 2026-12-04.en.yaml" in said(room, "check", "lettre/2026-12-04-en")


def test_who_answers_an_interview_is_a_person_of_the_publication(room: Path) -> None:
    block = (
        "- entretien:\n    titre: Un titre\n    avec: camille\n    texte: |\n      **Pourquoi ?**\n\n      Parce que.\n"
    )
    write(room, "2026-12-04.yaml", ISSUE.replace("- ours", block + "- ours"))
    assert typed(room, "render", "lettre/2026-12-04", "--out", str(room / "var/r")).exit_code == 0
    assert "Avec Camille Gazette, rédactrice en chef" in (room / "var/r/message.txt").read_text("utf-8")


@pytest.mark.parametrize(("hour", "shown"), [("23h", "23:00"), ("23 h 30", "23:30"), ("2026-12-02 7h", "07:00")])
def test_an_hour_is_read_as_it_is_written_in_french(room: Path, hour: str, shown: str) -> None:
    write(room, "2026-12-04.yaml")
    typed(room, "approve", "lettre/2026-12-04", "--by", "Moi")
    assert shown in said(room, "send", "lettre/2026-12-04", "--at", hour)


def test_a_date_without_an_hour_is_not_midnight(room: Path) -> None:
    write(room, "2026-12-04.yaml")
    typed(room, "approve", "lettre/2026-12-04", "--by", "Moi")
    assert "une heure s’écrit" in said(room, "send", "lettre/2026-12-04", "--at", "2026-12-03")


def test_without_any_issue_nothing_keeps_one_from_being_read(room: Path) -> None:
    (room / "config/publications/Le samedi.yaml").write_text("titre: Samedi\n", "utf-8")
    told = said(room, "check", "--all")
    assert "renommez-le le-samedi.yaml" in told
    assert "aucun numéro n’a été lu" not in told


def test_inside_the_newsroom_its_folder_is_named(room: Path) -> None:
    told = said(room / "issues", "calendar")
    assert f"cd {room}" in told
    assert "filigrane init" not in told


def test_a_calendar_that_cannot_be_read_is_not_empty(room: Path) -> None:
    publication = room / "config/publications/lettre.yaml"
    publication.write_text(publication.read_text("utf-8").replace("[vendredi]", "[jamais]"), "utf-8")
    assert "rien n’est attendu" not in said(room, "calendar")


@pytest.mark.parametrize("folder", ["issues/lettre", "config/publications"])
def test_a_folder_that_may_not_be_listed_is_not_empty(room: Path, folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    listing = os.scandir

    def refused(path: Path) -> object:  # the superuser, who runs tests, may list every folder
        if path == room / folder:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return listing(path)

    monkeypatch.setattr("composer.source.opening.os.scandir", refused)
    for words in (["check", "--all"], ["calendar"], ["new", "lettre"]):
        assert f"{folder} ne peut pas être lu : ce compte n’en a pas le droit" in said(room, *words)


def test_a_disk_without_hard_links_has_its_files_too(room: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_paths: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr("pathlib.Path.hardlink_to", refused)
    assert typed(room, "new", "lettre").exit_code == 0
    assert "existe déjà" in said(room, "new", "lettre", "--date", "2026-12-04")

"""What commands, alerts and logs say in odd states: true, in the newsroom's language, with a command that works."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest
import yaml

from composer import clock
from composer.backup import back_up
from composer.delivery.control import pause
from composer.schedule.tick import tick
from tests.daemon.support.daemon_process import Start, events, wait_for
from tests.daemon.test_restored import filigrane, stopped
from tests.schedule.support.sample_hour import SECRET, Hour
from tests.support import program

pytestmark = pytest.mark.slow


@pytest.fixture
def french(hour: Hour) -> Hour:
    """The newsroom of ``hour``, in French; its issue is vendredi/<today>, approved and due."""
    hour.settings["language"] = "fr"
    hour.write()
    assert hour.engine
    return hour


def issue(hour: Hour) -> str:
    (file,) = (hour.root / "issues" / "vendredi").glob("*.yaml")
    return f"vendredi/{file.stem}"


def refused(root: Path, *arguments: str) -> str:
    """What a command says that ends with exit code 1, on one line."""
    done = program.run("filigrane", "--newsroom", str(root), *arguments)
    assert done.returncode == 1, done.stdout + done.stderr
    return done.stderr.replace("\xa0", " ").replace("\n", " ")


def said(root: Path, *arguments: str) -> str:
    """What a command says that ends well, its lines unwrapped."""
    return " ".join(filigrane(root, *arguments).replace("\xa0", " ").split())


def opened(hour: Hour) -> None:
    tick(clock.now(), hour.newsroom, hour.engine, SECRET)


def held(hour: Hour) -> None:
    """Not approved when its hour comes."""
    for folder in (hour.root / "issues" / "vendredi").glob("*.sealed"):
        shutil.rmtree(folder)
    opened(hour)


def test_the_daemon_s_alerts_are_in_the_newsroom_s_language(french: Hour, start: Start) -> None:
    for folder in (french.root / "issues" / "vendredi").glob("*.sealed"):
        shutil.rmtree(folder)
    daemon = start(french.root, "run", "--port", "0", "--log", "json")
    wait_for(lambda: french.relay.messages, "the alert")
    stopped(daemon)
    assert "retenu, rien n’est parti" in french.relay.subjects()[0].replace("\xa0", " ")
    assert "Il partira de lui-même dès que ce sera réglé" in french.relay.last().replace("\xa0", " ")


def test_what_is_over_is_not_to_be_cancelled_nor_skipped(french: Hour) -> None:
    opened(french)
    assert "filigrane mailings cancel 1 y met fin" in refused(french.root, "skip", issue(french))
    said(french.root, "mailings", "cancel", "1")
    assert "dans l’état « annulé » : il n’y a plus rien à sauter" in refused(french.root, "skip", issue(french))
    assert "qui a été annulé, et un numéro ne part qu’une fois" in refused(french.root, "send", issue(french), "--yes")
    assert "l’envoi 1 de ce numéro a été annulé" in said(french.root, "approve", issue(french), "--by", "Moi")


def test_a_paused_mailing_says_how_to_go_on_and_approve_that_it_is_paused(french: Hour) -> None:
    opened(french)
    pause(french.engine, 1)
    told = said(french.root, "mailings")
    assert "l’envoi 1 est suspendu ; pour continuer : filigrane mailings resume 1" in told
    told = said(french.root, "approve", issue(french), "--by", "Moi")
    assert "dans l’état « suspendu »" in told
    assert "est en cours" not in told
    filigrane(french.root, "mailings", "resume", "1")


def test_a_worker_that_cannot_write_is_not_said_to_be_dead(french: Hour) -> None:
    """Its heartbeat is what cannot be written: who starts another one gains nothing."""
    opened(french)
    with closing(sqlite3.connect(french.root / "var" / "filigrane.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        told = said(french.root, "mailings")
    assert "rien ne part, car rien ne peut s’écrire" in told
    assert "aucun processus d’envoi" not in told
    assert "aucun processus d’envoi n’est en vie" in said(french.root, "mailings")


def test_the_calendar_says_why_it_is_held_now_not_why_it_was(french: Hour) -> None:
    held(french)
    assert "retenu (pas approuvé)" in said(french.root, "calendar", "--weeks", "1")
    said(french.root, "approve", issue(french), "--by", "Moi")
    assert "retenu (approuvé)" in said(french.root, "calendar", "--weeks", "1")
    days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
    plain = french.settings["schedule"]
    assert isinstance(plain, dict)
    french.write(schedule=plain | {"every": [days[(clock.now().weekday() + 2) % 7]]})
    entries = json.loads(filigrane(french.root, "calendar", "--weeks", "1", "--json"))
    (entry,) = [each for each in entries if issue(french) == f"{each['publication']}/{each['date']}"]
    assert (entry["state"], entry["reason"]) == ("sealed", None)  # put off: it has yet to fall due


def test_a_publication_that_is_gone_leaves_nobody_waiting_in_silence(french: Hour, start: Start) -> None:
    filigrane(french.root, "send", issue(french), "--at", "23:59")
    publications = french.root / "config" / "publications"
    (publications / "vendredi.yaml").rename(publications / "hebdo.yaml")
    told = said(french.root, "calendar", "--weeks", "1")
    assert "config/publications/vendredi.yaml n’est plus là" in told
    doctor = program.run("filigrane", "--newsroom", str(french.root), "doctor", "--offline")
    assert "5 lecteurs de « vendredi », dont il n’y a pas de config" in doctor.stdout.replace("\xa0", " ")
    assert "il y a : hebdo, samedi" in refused(french.root, "check", issue(french))
    daemon = start(french.root, "run", "--port", "0", "--log", "json")
    wait_for(lambda: french.relay.messages, "the alert")
    stopped(daemon)
    assert "n’est plus une publication, et une lettre en attend" in french.relay.subjects()[0].replace("\xa0", " ")
    (publications / "hebdo.yaml").rename(publications / "vendredi.yaml")
    told = said(french.root, "calendar", "--weeks", "1")
    assert "il part à l’heure demandée" in told
    assert "n’est plus là" not in told


def test_after_a_restore_it_says_the_day_as_people_do_and_what_to_type(
    french: Hour, start: Start, tmp_path: Path
) -> None:
    back_up(french.newsroom, french.engine, tmp_path / "before.zip", clock.now())
    opened(french)
    back_up(french.newsroom, french.engine, tmp_path / "sending.zip", clock.now())
    places = {name: tmp_path / f"restored-{name}" for name in ("before", "sending")}
    for name, folder in places.items():
        filigrane(french.root, "restore", str(tmp_path / f"{name}.zip"), str(folder))
        for key in ("secret.key", "address.key"):
            shutil.copy(french.root / "var" / key, folder / "var" / key)
    told = said(places["sending"], "mailings")
    assert "+00:00" not in told
    assert f" {clock.now().year} à " in told
    daemon = start(places["before"], "run", "--port", "0", "--log", "json")
    wait_for(lambda: french.relay.messages, "the question")
    stopped(daemon)
    assert f"sinon : filigrane send {issue(french)} ; si oui : filigrane skip {issue(french)}" in said(
        places["before"], "calendar", "--weeks", "1"
    )
    filigrane(places["before"], "skip", issue(french))
    assert f"filigrane skip {issue(french)}" not in said(places["before"], "calendar", "--weeks", "1")


def test_a_copy_put_in_the_place_names_the_file_that_knows_more(french: Hour, start: Start, tmp_path: Path) -> None:
    database = french.root / "var" / "filigrane.db"
    with closing(sqlite3.connect(database)) as own:
        own.execute(f"VACUUM INTO '{tmp_path / 'old.db'}'")
    french.relay.slow = 0.5
    daemon = start(french.root, "run", "--port", "0", "--log", "json")
    wait_for(lambda: french.relay.messages, "the first letter")
    french.engine.dispose()
    for file in database.parent.glob("filigrane.db*"):
        file.unlink()
    shutil.copy(tmp_path / "old.db", database)
    assert daemon.wait(60) == 3
    (rescued,) = database.parent.glob("rescued-*.db")
    before = len(french.relay.messages)
    daemon = start(french.root, "run", "--port", "0", "--log", "json")
    wait_for(lambda: "ledger-went-back" in events(tmp_path, 1), "the loss")
    wait_for(lambda: len(french.relay.messages) > before, "the alert")
    stopped(daemon)
    texts = [str(each.get_content()).replace("\xa0", " ") for each in french.relay.messages[before:]]
    (text,) = [each for each in texts if "moins d’écritures" in each]
    assert f"var/{rescued.name} est ce qu’un processus d’envoi avait encore d’ouvert" in text
    assert "jusqu’ici 0 réponse, et 0 personne dont on ne sait rien" in text
    assert "filigrane calendar" in text


def test_of_two_upgrades_at_once_one_says_that_it_was_it(french: Hour) -> None:
    root = french.root.parent / "new"
    shutil.copytree(french.root, root, ignore=shutil.ignore_patterns("var"))
    command = "--newsroom", str(root), "db", "upgrade", "--yes"
    both = [program.begin("filigrane", *command, stderr=subprocess.PIPE) for _ in range(2)]
    told = [process.communicate(timeout=60)[1] for process in both]
    assert sorted("est passée de la révision" in each for each in told) == [False, True]
    assert sorted("est déjà à la révision" in each for each in told) == [False, True]


def test_a_letter_without_anything_to_show_in_the_list_is_refused_for_that(french: Hour) -> None:
    path = french.root / "issues" / "vendredi" / "2027-01-01.yaml"
    briefs = [{"briefs": {"items": [{"headline": "Le pont", "text": "Il ouvre demain, dit la mairie."}]}}]
    path.write_text(yaml.safe_dump({"subject": "Le pont", "blocks": briefs}, allow_unicode=True), encoding="utf-8")
    for command in (("check", "vendredi/2027-01-01"), ("approve", "vendredi/2027-01-01", "--by", "Moi")):
        done = program.run("filigrane", "--newsroom", str(french.root), *command)
        assert done.returncode == 1
        assert "écrivez ce que contient la lettre" in done.stdout + done.stderr
    assert not path.with_suffix(".sealed").exists()
    path.write_text("preheader: Il ouvre\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    filigrane(french.root, "approve", "vendredi/2027-01-01", "--by", "Moi")


def test_a_worker_that_was_killed_is_not_said_to_live(french: Hour, start: Start) -> None:
    french.relay.slow = 1
    daemon = start(french.root, "run", "--port", "0", "--log", "json")
    wait_for(lambda: french.relay.messages, "the first letter")
    daemon.kill()
    daemon.wait()
    told = said(french.root, "mailings")
    assert "aucun processus d’envoi n’est en vie : rien ne part" in told
    assert "par minute" not in told
    assert "aucun message de cet envoi n’est dans ce cas" in said(french.root, "deliveries", "1", "--state", "rejected")


def test_a_database_of_another_version_is_not_said_to_be_silent(french: Hour) -> None:
    with closing(sqlite3.connect(french.root / "var" / "filigrane.db", isolation_level=None)) as own:
        own.execute("UPDATE alembic_version SET version_num = '0005'")
    french.engine.dispose()
    told = said(french.root, "approve", issue(french), "--by", "Moi")
    assert "on ne sait pas si ce numéro est déjà en train de partir" in told
    assert "filigrane db upgrade" in told
    assert "ne répond pas" not in told


def test_a_second_issue_of_a_day_is_shown_beside_the_one_that_is_due(french: Hour) -> None:
    due = issue(french)
    path = french.root / "issues" / f"{due}.yaml"
    path.rename(path.with_name(f"{path.stem}-bis.yaml"))
    assert "son heure était" in said(french.root, "approve", f"{due}-bis", "--by", "Moi")  # alone, it is the one due
    shutil.copy(path.with_name(f"{path.stem}-bis.yaml"), path)
    told = said(french.root, "approve", f"{due}-bis", "--by", "Moi")
    assert f"c’est {path.name} qui part à sa date : filigrane send envoie celui-ci" in told
    assert f"{due}-bis un autre numéro part ce jour-là" in said(french.root, "calendar", "--weeks", "1")
    filigrane(french.root, "send", f"{due}-bis", "--yes")
    assert f"{due}-bis en cours : envoi 1" in said(french.root, "calendar", "--weeks", "1")

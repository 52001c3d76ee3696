"""Lists that somebody moves in, read a fourth time: nobody is written to who left or never asked, none is lost."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import Engine

from composer.database import connect
from composer.errors import Refused
from composer.subscribers.consent_words import read_standing, tells_of_agreeing
from composer.subscribers.questions import UnreadColumns
from composer.subscribers.smells import standing_of_title
from composer.subscribers.standing import Stance
from composer.subscribers.told import tells_beside_a_name, tells_of_leaving
from tests.subscribers.support.csv_lists import rows, take
from tests.support.address_keys import make_tables


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    engine = connect("sqlite:///x.db", tmp_path, create=True)
    make_tables(engine)
    return engine


def active(engine: Engine) -> list[str]:
    return [str(row[0]).split("@")[0] for row in rows(engine) if row[5] == "active"]


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        # what accompanies an opt-out says that there is one
        ("opt_out_timestamp", " 2024-01-02"), ("Opt-out source", " footer"),
        ("Consent withdrawn timestamp", " 2024-01-02"),
        # of another channel and of letters
        ("Désinscrit newsletter et SMS", "non oui"), ("Stop téléphone et lettre", "non oui"),
        # of something else, and somebody noted it there
        ("Lead Status", "New Unsubscribed"), ("Téléphone", "0102 désabonné"),
        # by post or by email
        ("Canal", "mail courrier"), ("Support", "Email Papier"),
        # a box of a form, a mark of somebody's own, a reason
        ("Options", " Abonnez-moi"), ("Obs", " *"), ("Obs", " D"), ("", " !"), ("Motif", " lassitude"),
        # which letters
        ("Listes d'envoi", "Vendredi Samedi"), ("List name", "Vendredi Samedi"), ("Inscrit à", "Vendredi "),
        ("Subscriptions", "Vendredi Samedi"), ("Situation", "Lecteur Inactif"),
    ],
)  # fmt: skip
def test_a_column_that_may_say_it_is_asked(engine: Engine, tmp_path: Path, name: str, cells: str) -> None:
    one, other = cells.split(" ")
    with pytest.raises(UnreadColumns):
        take(engine, tmp_path, f"email;{name}\na@example.org;{one}\nb@example.org;{other}\n")
    assert active(engine) == []


def test_who_wants_it_by_post_never_asked_for_it_by_email(engine: Engine, tmp_path: Path) -> None:
    content = "email;Canal\na@example.org;courriel\nb@example.org;papier\n"
    counts, _ = take(engine, tmp_path, content, mapping={"opted_in": "Canal"})
    assert (active(engine), counts.unproven) == (["a"], 1)


def test_several_lists_of_a_platform_are_asked(engine: Engine, tmp_path: Path) -> None:
    header = "id\tEmail\tIs this subscriber confirmed\tIs this subscriber blacklisted\tEntered\tList Membership\n"
    row = "1\t{}@example.org\t1\t0\t2020-01-01 10:00:00\t{}\n"
    one = header + row.format("a", "Vendredi; ") + row.format("b", "No Lists")
    assert take(engine, tmp_path, one)[0].added == 1
    with pytest.raises(UnreadColumns, match="publication=List Membership"):
        take(engine, tmp_path, one + row.format("c", "Samedi; "))
    posts = "Email,List status,Global status,List\na@example.org,subscribed,subscribed,Vendredi\n"
    with pytest.raises(UnreadColumns, match="“List”"):
        take(engine, tmp_path, f"{posts}d@example.org,subscribed,subscribed,Samedi\n")
    assert active(engine) == ["a"]
    take(engine, tmp_path, f"{posts}A@example.org,subscribed,subscribed,Samedi\n")  # all are in “Vendredi”
    assert active(engine) == ["a"]


def test_a_blank_letter_is_no_proof_of_consent(engine: Engine, tmp_path: Path) -> None:
    content = "email;Lettre\na@example.org;vendredi\nb@example.org;\nc@example.org;samedi\n"
    counts, _ = take(engine, tmp_path, content)
    assert (active(engine), counts.unproven, counts.refused) == (["a"], 1, 1)


@pytest.mark.parametrize("names", ["email;nom;motif", "Courriel;Nom;Remarque", "Mail;Nom;Le"])
def test_a_second_table_is_told_by_its_column_of_addresses(engine: Engine, tmp_path: Path, names: str) -> None:
    with pytest.raises(Refused, match="second table"):
        take(engine, tmp_path, f"email;nom;ville\na@example.org;A;Lyon\n{names}\nb@example.org;B;lassitude\n")


@pytest.mark.parametrize("title", ["Non confirmés", "En attente", "Ne reçoivent plus", "Départs", "Plus abonnés"])
def test_a_title_of_who_never_confirmed_or_left_stops_the_import(engine: Engine, tmp_path: Path, title: str) -> None:
    with pytest.raises(Refused, match="stands alone"):
        take(engine, tmp_path, f"email;nom;ville\na@example.org;A;Lyon\n{title};;\nb@example.org;B;Lyon\n")


@pytest.mark.parametrize(
    ("title", "standing"),
    [
        ("anciens adhérents", Stance.LEFT), ("ex-membres", Stance.LEFT), ("non-renouvellements", Stance.LEFT),
        ("a_enlever", Stance.LEFT), ("expired_members", Stance.LEFT), ("deactivated", Stance.LEFT),
        ("Abbestellungen", Stance.LEFT), ("afmeldingen", Stance.LEFT), ("comptes clos", Stance.LEFT),
        ("contacts_non_optin", Stance.UNPROVEN), ("sans_consentement", Stance.UNPROVEN),
        ("never_subscribed", Stance.UNPROVEN), ("mandrill_rejects", Stance.BOUNCED), ("blocks", Stance.BOUNCED),
        ("adresses mortes", Stance.BOUNCED), ("clients", None), ("adherents 2026", None), ("prospects", None),
        ("note de septembre", None), ("options", None), ("annonces", None),
    ],
)  # fmt: skip
def test_a_name_of_a_file_says_who_never_asked(title: str, standing: Stance | None) -> None:
    assert standing_of_title(title) is standing


def test_a_list_in_json_is_what_its_name_says(engine: Engine, tmp_path: Path) -> None:
    one, two = [{"email": "a@example.org"}], [{"email": "b@example.org"}]
    with pytest.raises(UnreadColumns, match="unsubscribed"):
        take(engine, tmp_path, json.dumps({"unsubscribed": one}), name="x.json")
    with pytest.raises(Refused, match="several lists"):
        take(engine, tmp_path, json.dumps({"subscribers": two, "unsubscribed": one}), name="x.json")
    assert take(engine, tmp_path, json.dumps({"links": one, "members": two}), name="x.json")[0].added == 1
    assert active(engine) == ["b"]


def test_a_row_that_was_put_into_a_report_is_imported(engine: Engine, tmp_path: Path) -> None:
    """Two addresses of one cell, made two rows."""
    report = "ligne;raison;email;nom\n;lue comme;email;nom\n3;plusieurs;a@example.org;A\n;;b@example.org;B\n"
    take(engine, tmp_path, report)
    assert active(engine) == ["a", "b"]


def test_a_report_keeps_what_was_said_of_its_list(engine: Engine, tmp_path: Path) -> None:
    """Its rows left, or never asked, and its name says no more so."""
    report = tmp_path / "report.csv"
    take(engine, tmp_path, "email\na.example.org\n", state=Stance.LEFT)
    text = report.read_text(encoding="utf-8-sig")
    counts, _ = take(engine, tmp_path, text.replace("a.example.org", "a@example.org"), name="corrected.csv")
    assert counts.left == 1
    take(engine, tmp_path, "email\nb@example.org\n", state=Stance.UNPROVEN)
    again = report.read_text(encoding="utf-8-sig")
    assert take(engine, tmp_path, again, name="corrected.csv")[0].unproven == 1
    take(engine, tmp_path, "email;Zed\nc.example.org;lassitude\n", mapping={"opted_out_reason": "Zed"})
    text = report.read_text(encoding="utf-8-sig")
    counts, _ = take(engine, tmp_path, text.replace("c.example.org", "c@example.org"), name="corrected.csv")
    assert (counts.left, active(engine)) == (1, [])


@pytest.mark.parametrize(
    "typed",
    [
        "a @example.org", "a@@example.org", "a@example. org", "a@example.org_old", "a@example.org?subject=x",
        "a[at]example[dot]org", "a arobase example.org", "a.@example.org", "a@example.org@example.org",
        "a@example.org#mailto:a@example.org#",
    ],
)  # fmt: skip
def test_a_mistyped_address_of_who_left_holds_the_right_one(engine: Engine, tmp_path: Path, typed: str) -> None:
    take(engine, tmp_path, f"email;désinscrit\na@example.org;\n{typed};oui\nb@example.org;\n")
    assert active(engine) == ["b"]


@pytest.mark.parametrize(
    "name", ["Durand (résiliée)", "Durand - STOP", "STOP - Durand", "Durand †", "Durand [bounce]", "Durand / parti"]
)
def test_a_note_beside_a_name_says_so(engine: Engine, tmp_path: Path, name: str) -> None:
    assert tells_beside_a_name(name)
    take(engine, tmp_path, f'email\n"{name} <a@example.org>"\nNPAI Durand <b@example.org>\nc@example.org\n')
    assert active(engine) == ["c"]


def test_a_name_without_such_a_note_says_nothing() -> None:
    for name in ("Durand (Lyon)", "Durand - Martin", "Durand (née Parti)", "Jean-Stop", "A/B", "(Mme) Raye"):
        assert not tells_beside_a_name(name)


@pytest.mark.parametrize(
    "cell",
    [
        "ne reçoit plus", "n'en veut plus", "a demandé son retrait", "pas d'accord", "accord à demander",
        "jamais inscrit",
        "fermé", "Clôturé", "s'est plaint", "uniquement papier", "nous a quittés", "mort en 2022", "envoi suspendu",
        "parti à la concurrence", "supprimé le 12/3", "doesn't want emails", "do not include", "not interested",
        "never signed up", "wants to leave", "left the company", "account closed", "adresse introuvable", "hors liste",
    ],
)  # fmt: skip
def test_a_note_says_it_in_other_words(cell: str) -> None:
    assert tells_of_leaving(cell)


@pytest.mark.parametrize("cell", ["Ferme", "Parti de gauche", "veut le papier et le mail", "plus tard", "quitter Lyon"])
def test_a_note_of_something_else_says_nothing(cell: str) -> None:
    assert not tells_of_leaving(cell)


def test_a_question_is_no_answer() -> None:
    for field, cell in (("status", "Abonné ?"), ("opted_in", "oui ?")):
        with pytest.raises(Refused, match="question"):
            read_standing(field, cell)
    assert read_standing("opted_out", "oui ?") is Stance.LEFT
    assert tells_of_agreeing("Tenez-moi informé(e)")

"""What a cell tells in words: lost accents, tags, bounce messages, JSON, other languages; and what tells nothing."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from sqlalchemy import Engine

from composer.database import connect
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


LEFT = [
    # accents that a program lost, as ?, _, HTML, an address of the web, JSON, another encoding
    "D?sabonn?e", "d_sabonn_", "dsabonn", "D&eacute;sabonn&eacute;", "D%C3%A9sabonn%C3%A9", "D\\u00e9sabonn\\u00e9",
    "DŽsabonnŽ", "r?sili?", "D&eacute;c&eacute;d&eacute;e",
    # tags among others, and as a program writes them
    "presse, hard_bounce", "vip;cleaned", "vip, spam", "vip | blocked", "news,opt_out", "do_not_email", "do-not-mail",
    "ne-plus-ecrire", "no-mail", "nomail", "unsub", "No email",
    # notes
    "a demandé à ne plus être contactée", "effacement demandé", "droit à l'oubli", "Refuse la newsletter",
    "refuse les mails", "pas de mail", "plus intéressée", "n'est plus abonné", "plus abonnée", "a quitté la société",
    "arrêt des envois", "stoppé", "Rayée le 12/3", "enlever svp", "opposée à la prospection", "Liste rouge",
    "ancienne abonnée 2019", "Ex-membre", "DCD", "†", "Ne pas déranger", "please stop sending", "remove me",
    "GDPR erasure request", "right to be forgotten", "passed away", "asked to stop",
    # mailboxes
    "boîte pleine", "boite mail fermée", "mail ne fonctionne plus", "mail HS", "adresse KO", "retour mail",
    "mail revient en erreur", "user unknown", "550 5.1.1", "delivery failed", "mailbox full", "Bad email",
    "soft bounce",
    # a name and its value
    '{"optin":false}', '{"subscribed": false}', '{"newsletter":0}', "{'newsletter': False}", '{"bounced":true}',
    'a:1:{s:6:"optout";i:1;}', "newsletter=no", "Newsletter : non", "consent=denied", "Email: No; SMS: Yes",
    # other languages
    "Gekündigt", "Gelöscht", "Storniert", "opgezegd", "Cancelado", "Eliminada", "Rimosso", "annullato", "descadastrado",
    "inativo", "Wypisany", "отписан", "退订", "retrait du consentement", "consent withdrawn", "5.1.1",
]  # fmt: skip
NOTHING = [
    "abonnée depuis 2019", "s'est réabonné en mars", "Aime la lettre du vendredi", "journaliste", "no 12", "Lyon 5",
    "rue de la Barre", "adresse ferme du Moulin", "Conseillère d'opposition", "plus de photos", "pastel",
    "mailbox rental",
    '{"optin": true}', '{"newsletter": 1, "ville": "Lyon"}', "newsletter=yes", "Client", "Prospect", "labo photo", "0",
    "",
    "05 5 1 2", "Notre-Dame", "départ en retraite en 2031",
]  # fmt: skip


@pytest.mark.parametrize("cell", LEFT)
def test_a_cell_tells_that_a_reader_left(cell: str) -> None:
    assert tells_of_leaving(cell)


@pytest.mark.parametrize("cell", NOTHING)
def test_another_one_tells_nothing(cell: str) -> None:
    assert not tells_of_leaving(cell)


@pytest.mark.parametrize("piece", ["d", "a ", "plus ", "ne plus ", "d sabo", "refus de ", "email ", "arret de ", "x,"])
def test_a_long_cell_is_read_in_one_pass(piece: str) -> None:
    def took(length: int) -> float:
        times = []
        for attempt in range(5):
            text = f"{attempt}{piece * length}"
            began = time.process_time()
            tells_of_leaving(text)
            times.append(time.process_time() - began)
        return min(times)

    assert took(3000) < max(8 * took(1000), 0.05)


def test_a_name_may_be_one_of_these_words() -> None:
    assert tells_beside_a_name("Durand (désabonnée)")
    assert tells_beside_a_name("NE PLUS ÉCRIRE")
    for name in ("Stop", "Parti", "Raye", "Stopper", "Mail", "Lettre", "Arrêt", "Sabonnadière"):
        assert not tells_beside_a_name(name)


def test_a_name_or_a_language_that_says_so_is_of_who_left_and_counted(engine: Engine, tmp_path: Path) -> None:
    take(engine, tmp_path, "email\na@example.org\n")
    content = "email;nom;langue\na@example.org;Durand (désabonnée);\nb@example.org;B;désabonné\nc@example.org;C;fr\n"
    counts, _ = take(engine, tmp_path, content)
    assert (counts.left, counts.added, dict(counts.remarks)["told"]) == (2, 1, 2)
    assert sorted((row[0], row[5]) for row in rows(engine))[0] == ("a@example.org", "unsubscribed")


def test_a_source_that_says_so_is_asked(engine: Engine, tmp_path: Path) -> None:
    assert take(engine, tmp_path, "email,Source\nc@example.org,x\nd@example.org,oui\n")[0].added == 2
    with pytest.raises(UnreadColumns, match="“Source” \\(désabonné par téléphone\\)"):
        take(engine, tmp_path, "email,Source\na@example.org,salon\nb@example.org,désabonné par téléphone\n")


@pytest.mark.parametrize(
    "name", ["D?sabonn? le", "D&eacute;sabonn&eacute;", "D_sabonn_", "Rayé le", "Effacé le", "DNC"]
)
def test_a_name_of_a_column_says_so(engine: Engine, tmp_path: Path, name: str) -> None:
    with pytest.raises(UnreadColumns) as asked:
        take(engine, tmp_path, f"email,{name}\na@example.org,\nb@example.org,souvent\n")
    assert asked.value.suspects[0].column == name


@pytest.mark.parametrize("cells", ["1 0", "0 1", "-1 0", "1.0 0.0"])
def test_a_column_of_ones_and_zeros_is_asked_whatever_its_name(engine: Engine, tmp_path: Path, cells: str) -> None:
    """“Mailable”, “La Matinale”, “Corbeille”, “Zustellbar”: no list of names ends."""
    one, other = cells.split()
    with pytest.raises(UnreadColumns, match="“Zustellbar”"):
        take(engine, tmp_path, f"email;Zustellbar\na@example.org;{one}\nb@example.org;{other}\n")
    for name in ("Total Orders", "Nb de clics", "Enfants", "Score"):
        assert take(engine, tmp_path, f"email;{name}\na@example.org;{one}\nb@example.org;{other}\n")[0].refused == 0


def test_a_column_of_some_readers_days_is_asked_whatever_its_name(engine: Engine, tmp_path: Path) -> None:
    content = "email;{name}\na@example.org;\nb@example.org;12/03/2024\n"
    for name in ("Dédit", "Abandon", "Vystoupil", "Date"):
        with pytest.raises(UnreadColumns) as asked:
            take(engine, tmp_path, content.format(name=name))
        assert asked.value.suspects[0].field == "?"  # it may say who left, or when one came
    for name in ("Naissance", "Dernière commande", "last_opened_at", "Adhésion"):
        assert take(engine, tmp_path, content.format(name=name))[0].refused == 0


def test_a_box_that_was_ticked_is_consent_and_a_blank_is_none(engine: Engine, tmp_path: Path) -> None:
    content = "email,Restons amis\na@example.org,J’accepte de recevoir des nouvelles\nb@example.org,\n"
    with pytest.raises(UnreadColumns) as asked:
        take(engine, tmp_path, content)
    assert asked.value.suspects[0].option == "--map 'opted_in=Restons amis'"
    counts, _ = take(engine, tmp_path, content, mapping={"opted_in": "Restons amis"})
    assert (counts.added, counts.unproven) == (1, 1)
    for text in ("Je n’accepte pas", "I do not agree", "je souhaite ne plus rien recevoir"):
        assert not tells_of_agreeing(text)


@pytest.mark.parametrize(
    ("title", "standing"),
    [
        ("D?sabonn?s", Stance.LEFT), ("dsabonns", Stance.LEFT), ("out", None), ("liste repoussoir", Stance.LEFT),
        ("rayés 2024", Stance.LEFT), ("Corbeille", Stance.LEFT), ("Kündigungen", Stance.LEFT), ("no-mail", Stance.LEFT),
        ("mails en erreur", Stance.BOUNCED), ("retours", Stance.BOUNCED), ("abonnés", None), ("sortie scolaire", None),
    ],
)  # fmt: skip
def test_a_name_of_a_file_says_who_is_in_it(title: str, standing: Stance | None) -> None:
    assert standing_of_title(title) is standing


@pytest.mark.parametrize(
    "nothing",
    [
        "#N/D", "#REF!", "#VALEUR!", "Err:502", "00/01/1900", "30/12/1899",
        "0/0/00", "1970-01-01 01:00:00", "NaT", "<NA>", ".",
        "/",
        "…", "\u200b", "\ufeff", "n.c.", "néant", "0,0",
    ],
)  # fmt: skip
def test_an_error_of_a_formula_or_a_dash_says_nothing(nothing: str) -> None:
    """It closed the mailbox for every letter, for good."""
    for field in ("hard_bounced", "complained", "opted_out", "opted_out_reason"):
        assert read_standing(field, nothing) is Stance.IN


@pytest.mark.parametrize("never", ["jamais", "never", "aucun", "ok"])
def test_a_bounce_that_was_none_closes_nothing(never: str) -> None:
    assert read_standing("hard_bounced", never) is read_standing("complained", never) is Stance.IN


def test_a_frequency_or_a_legal_basis_is_asked(engine: Engine, tmp_path: Path) -> None:
    for name, cells in (("Fréquence", ("hebdo", "aucune")), ("Legal basis", ("Consent", "Not applicable"))):
        with pytest.raises(UnreadColumns):
            take(engine, tmp_path, f"email;{name}\na@example.org;{cells[0]}\nb@example.org;{cells[1]}\n")


def test_a_column_of_two_letters_is_asked(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(UnreadColumns, match="“Sub”"):
        take(engine, tmp_path, "email;Sub\na@example.org;S\nb@example.org;U\n")
    assert take(engine, tmp_path, "email;Sexe\na@example.org;F\nb@example.org;M\n")[0].added == 2


def test_a_refusal_in_more_words_is_one(engine: Engine, tmp_path: Path) -> None:
    take(engine, tmp_path, "email\na@example.org\n")
    content = "email;Consentement\na@example.org;Refus oral 2021\nb@example.org;12/03/2024\n"
    counts, _ = take(engine, tmp_path, content, mapping={"opted_in": "Consentement"})
    assert (counts.left, counts.added) == (1, 1)
    assert read_standing("status", "Spam") is Stance.COMPLAINED


@pytest.mark.parametrize(
    ("header", "yes", "no"),
    [("Подписка", "да", "нет"), ("Συνδρομή", "ναι", "όχι"), ("订阅", "是", "否"), ("購読", "はい", "いいえ")],
)
def test_yes_and_no_in_other_letters_are_asked(engine: Engine, tmp_path: Path, header: str, yes: str, no: str) -> None:
    content = f"email,{header}\na@example.org,{yes}\nb@example.org,{no}\n"
    with pytest.raises(UnreadColumns, match=header):
        take(engine, tmp_path, content)
    assert take(engine, tmp_path, content, mapping={"opted_in": header})[0].added == 1
    with pytest.raises(UnreadColumns, match="配信停止日"):
        take(engine, tmp_path, "email,配信停止日\na@example.org,\nb@example.org,2024-03-12\n")


@pytest.mark.parametrize(
    ("yes", "no"), [("WAHR", "FALSCH"), ("VERDADERO", "FALSO"), ("✔️", "✖️"), ("sim", "não"), ("👍", "👎")]
)
def test_yes_and_no_of_other_spreadsheets(engine: Engine, tmp_path: Path, yes: str, no: str) -> None:
    assert read_standing("opted_in", yes) is read_standing("opted_out", no) is Stance.IN
    assert read_standing("opted_in", no) is read_standing("opted_out", yes) is Stance.LEFT
    with pytest.raises(UnreadColumns):
        take(engine, tmp_path, f"email;Divers\na@example.org;{yes}\nb@example.org;{no}\n")

"""A newsroom read whole: every file's mistakes together, and what the files say of each other."""

from __future__ import annotations

from pathlib import Path

import pytest

from composer import locale
from composer.errors import Mistakes, Refused
from composer.newsroom import Newsroom, examine, load_newsroom
from composer.newsroom.public_paths import open_letters
from composer.newsroom.starting import KINDS, start

SPONSOR = """\
annonceur: Banque d'exemple
categorie: finance
creations:
  livret:
    titre: Un livret
    mention_legale: Un placement comporte un risque.
    valable_jusqu_au: 2026-12-31
reservations:
- {publication: lettre, date: 2026-11-27, emplacement: principal, creation: livret}
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    start(tmp_path / "redaction", KINDS, "fr")
    (tmp_path / "redaction/config/sponsors").mkdir(exist_ok=True)
    return tmp_path / "redaction"


def _sponsor(root: Path, text: str = SPONSOR, name: str = "banque") -> None:
    (root / f"config/sponsors/{name}.yaml").write_text(text, encoding="utf-8")


def _codes(root: Path) -> list[tuple[str, str]]:
    _newsroom, findings = examine(root)
    return [(finding.code, str(finding.place)) for finding in findings if finding.severity == "error"]


def test_a_newsroom_and_where_its_values_stand(root: Path) -> None:
    _sponsor(root)
    (root / "config/lexicon.yaml").write_text("noms:\n  Anthropic: [Anthropik, Entropic]\n", encoding="utf-8")
    newsroom = load_newsroom(root)
    assert isinstance(newsroom, Newsroom)
    assert list(newsroom.publications) == ["lettre"]
    assert newsroom.publications["lettre"].from_ == "lettre@a-remplacer.example"
    assert newsroom.sponsors["banque"].bookings[0].slot == "principal"
    assert newsroom.lexicon.names == {"Anthropic": ("Anthropik", "Entropic")}
    place = newsroom.sources["config/sponsors/banque.yaml"].place(("bookings", 0, "date"))
    assert str(place) == "config/sponsors/banque.yaml:9:31"
    assert locale.language() == "fr"


def test_a_newsroom_in_english_speaks_english(tmp_path: Path) -> None:
    start(tmp_path / "room", KINDS, "en")
    assert load_newsroom(tmp_path / "room").settings.keys == "en"
    assert locale.language() == "en"


def test_the_mistakes_of_all_files_come_together(root: Path) -> None:
    settings = root / "config/newsroom.yaml"
    settings.write_text(settings.read_text().replace("fuseau: Europe/Paris", "fuseau: Europe/Pariss\nport: 25"))
    publication = root / "config/publications/lettre.yaml"
    publication.write_text(publication.read_text().replace("[vendredi]", "[vendredy]"))
    _sponsor(root, SPONSOR.replace("finance", "finances : toutes"))
    (root / "config/lexicon.yaml").write_text("mots: x\n", encoding="utf-8")
    files = [place.partition(":")[0] for _code, place in _codes(root)]
    assert sorted(set(files)) == [
        "config/lexicon.yaml",
        "config/newsroom.yaml",
        "config/publications/lettre.yaml",
        "config/sponsors/banque.yaml",
    ]


def test_messages_about_the_settings_themselves_are_in_their_language(root: Path) -> None:
    locale.use("en")
    settings = root / "config/newsroom.yaml"
    settings.write_text(settings.read_text().replace("cles: fr", "cles: français"))
    with pytest.raises(Mistakes, match="n’est pas possible ici"):
        load_newsroom(root)


def test_a_time_zone_that_does_not_exist_names_the_nearest(root: Path) -> None:
    settings = root / "config/newsroom.yaml"
    settings.write_text(settings.read_text().replace("Europe/Paris", "Europe/Pari"))
    with pytest.raises(Mistakes, match="Europe/Paris"):
        load_newsroom(root)


@pytest.mark.parametrize(
    ("old", "new", "code", "place"),
    [
        ("publication: lettre", "publication: letre", "unknown-publication", "9:17"),
        ("emplacement: principal", "emplacement: bas", "unknown-slot", "9:56"),
        ("creation: livret", "creation: livrets", "unknown-creative", "9:77"),
        ("    mention_legale: Un placement comporte un risque.\n", "", "missing-disclaimer", "5:5"),
        ("2026-12-31", "2026-11-01", "expired-creative", "9:31"),
        ("    mention", "    image: {fichier: ../x.png, description: x}\n    mention", "outside-newsroom", "6:22"),
        ("    mention", "    image: {fichier: x.png, description: x}\n    mention", "file-missing", "6:22"),
    ],
)
def test_what_a_booking_refers_to_exists(root: Path, old: str, new: str, code: str, place: str) -> None:
    _sponsor(root, SPONSOR.replace(old, new))
    assert _codes(root) == [(code, f"config/sponsors/banque.yaml:{place}")]


def test_one_slot_is_sold_once_for_a_date(root: Path) -> None:
    _sponsor(root)
    _sponsor(root, SPONSOR.replace("finance", "general"), "autre")
    assert _codes(root) == [("double-booking", "config/sponsors/banque.yaml:9:3")]


def test_a_logo_stays_in_the_newsroom(root: Path) -> None:
    publication = root / "config/publications/lettre.yaml"
    publication.write_text(publication.read_text().replace("theme:\n", "theme:\n  logo: /etc/passwd\n"))
    ((code, _place),) = _codes(root)
    assert code == "outside-newsroom"


TRANSLATIONS = """\
traductions:
  en:
    salutation: Good morning, it is {date}.
    equipe:
      odile: {fonction: editor in chief}
"""


def _translated(root: Path, text: str) -> None:
    publication = root / "config/publications/lettre.yaml"
    written = publication.read_text(encoding="utf-8").replace(
        "\nequipe:\n", "\nequipe:\n  odile: {nom: Odile Ferrand}\n"
    )
    assert "odile" in written
    publication.write_text(f"{written}\n{text}", encoding="utf-8")


def test_standing_text_speaks_the_language_of_the_letter_or_is_silent(root: Path) -> None:
    _translated(root, TRANSLATIONS + "introduction: Chaque semaine.\n")
    publication = load_newsroom(root).publications["lettre"]
    assert publication.in_language("fr") is publication
    english = publication.in_language("en")
    assert (english.title, english.intro) == (publication.title, None)
    assert english.greeting == "Good morning, it is {date}."
    assert publication.people["odile"].role is None
    assert (english.people["odile"].name, english.people["odile"].role) == ("Odile Ferrand", "editor in chief")
    assert english.legal == publication.legal


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [("  en:", "  fr:", "own-language"), ("odile: {fonction", "odyle: {fonction", "unknown-person")],
)
def test_a_translation_is_of_what_there_is(root: Path, old: str, new: str, code: str) -> None:
    _translated(root, TRANSLATIONS.replace(old, new))
    assert [code for code, _place in _codes(root)] == [code]


@pytest.mark.parametrize("name", ["Samedi.yaml", "samedi.yml", "le samedi.yaml", "samedi (1).yaml"])
def test_a_file_that_would_be_overlooked_is_named(root: Path, name: str) -> None:
    (root / "config/publications" / name).write_text("titre: x\n")
    ((code, place),) = _codes(root)
    assert (code, place) == ("bad-file-name", f"config/publications/{name}:1:1")


def test_what_nothing_reads_is_named_and_what_a_system_writes_is_passed_over(root: Path) -> None:
    for name in ("publications/._samedi.yaml", "publications/~$samedi.yaml", "lexique.yaml", "annonceurs/un.yaml"):
        (root / "config" / name).parent.mkdir(exist_ok=True)
        (root / "config" / name).write_bytes(b"\0")
    found = {finding.place.file: finding.suggestion for finding in load_newsroom(root).findings}
    assert found.keys() == {"config/lexique.yaml", "config/annonceurs/un.yaml"}
    assert found["config/annonceurs/un.yaml"] == "config/sponsors/un.yaml"


def test_a_folder_that_is_no_newsroom(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="filigrane init"):
        load_newsroom(tmp_path)
    with pytest.raises(Refused, match="--newsroom"):
        load_newsroom(tmp_path / "nowhere")


def test_warnings_do_not_stop_a_newsroom(root: Path) -> None:
    settings = root / "config/newsroom.yaml"
    settings.write_text(settings.read_text().replace("fuseau:", "timezone:"))
    newsroom, findings = examine(root)
    assert newsroom is not None
    assert [finding.code for finding in findings] == ["mixed-languages"]
    assert load_newsroom(root) == newsroom


def test_an_hour_at_which_nothing_could_leave_is_named(root: Path) -> None:
    publication = root / "config/publications/lettre.yaml"
    publication.write_text(publication.read_text().replace('heure: "07:00"', 'heure: "23:00"'))
    ((code, place),) = _codes(root)
    assert code == "at-outside-window"
    assert place.startswith("config/publications/lettre.yaml:")


def test_an_address_of_ours_in_clear_is_suggested_with_https(root: Path) -> None:
    settings = root / "config/newsroom.yaml"
    settings.write_text(settings.read_text("utf-8") + "webhook: http://hooks.example.org/x\n", "utf-8")
    with pytest.raises(Mistakes) as mistakes:
        load_newsroom(root)
    (finding,) = mistakes.value.findings
    assert (finding.code, finding.suggestion) == ("bad-url", "webhook: https://hooks.example.org/x")


@pytest.mark.parametrize("key", ["''", "' '", '"\\u200b"'])
def test_a_name_of_the_lexicon_is_not_empty(root: Path, key: str) -> None:
    (root / "config/lexicon.yaml").write_text(f"noms:\n  {key}: [Anthropik]\n", encoding="utf-8")
    assert _codes(root) == [("empty-key", "config/lexicon.yaml:2:3")]


@pytest.mark.parametrize("address", ["http://[", "https://hooks.example.org:99999/x", "https://hooks.example.org:a/"])
def test_an_address_whose_host_or_port_makes_no_sense_is_refused(root: Path, address: str) -> None:
    with (root / "config/newsroom.yaml").open("a") as file:
        file.write(f"webhook: '{address}'\n")
    assert [code for code, _place in _codes(root)] == ["bad-url"]


def test_a_duration_is_not_longer_than_the_calendar(root: Path) -> None:
    with (root / "config/newsroom.yaml").open("a") as file:
        file.write("longue_interruption: 999999d\n")
    assert [code for code, _place in _codes(root)] == ["bad-duration"]


@pytest.mark.parametrize(
    ("typed", "better"),
    [
        ("jours: vendredi, lundi", "jours: [vendredi, lundi]"),
        ("jours: ven. et lun.", "jours: [vendredi, lundi]"),
        ("heure: 7h", 'heure: "07:00"'),
        ("heure: midi", 'heure: "12:00"'),
        ("rattrapage: 1h30", "rattrapage: 90m"),
        ("rappels: 11h, 1h", "rappels: [11h, 1h]"),
        ("plage: de 6h à 21h", "plage: 06:00-21:00"),
    ],
)
def test_a_schedule_written_as_it_is_spoken_is_corrected(root: Path, typed: str, better: str) -> None:
    file = root / "config/publications/lettre.yaml"
    key = typed.partition(":")[0]
    lines = [f"  {typed}" if line.startswith(f"  {key}:") else line for line in file.read_text().splitlines()]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    _newsroom, findings = examine(root)
    assert {(each.suggestion or "").split(" #")[0].rstrip() for each in findings if each.severity == "error"} == {
        f"  {better}"
    }


@pytest.mark.parametrize(
    ("typed", "better"),
    [
        ("fuseau: Paris", "fuseau: Europe/Paris"),
        ("fuseau: GMT+1", None),
        ("langue: français", "langue: fr"),
        ("seulement_a: [example.org]", 'seulement_a: ["@example.org"]'),
        ("alertes: [Anne <anne@example.org>]", "alertes: [anne@example.org]"),
        ("relais: [{serveur: 'smtp://mail.example.org:587'}]", "relais: [{serveur: mail.example.org}]"),
        (
            "relais: [{serveur: mail.example.org, securite: SSL}]",
            "relais: [{serveur: mail.example.org, securite: tls}]",
        ),
    ],
)
def test_settings_written_as_elsewhere_are_corrected(root: Path, typed: str, better: str | None) -> None:
    settings = {"nom": "Un", "langue": "fr", "cles": "fr", "adresse_publique": "https://lettres.example.org"}
    settings[typed.partition(":")[0]] = typed.partition(": ")[2]
    lines = "".join(f"{key}: {value}\n" for key, value in settings.items())
    (root / "config/newsroom.yaml").write_text(lines, encoding="utf-8")
    _newsroom, findings = examine(root)
    assert [each.suggestion for each in findings if each.place.file == "config/newsroom.yaml"][:1] == [better]


@pytest.mark.parametrize("written", ["vendredi", "friday", "[vendredi]"])
def test_one_day_needs_no_list(root: Path, written: str) -> None:
    file = root / "config/publications/lettre.yaml"
    lines = [f"  jours: {written}" if line.startswith("  jours:") else line for line in file.read_text().splitlines()]
    file.write_text("\n".join(lines))
    assert load_newsroom(root).publications["lettre"].schedule.days == ("friday",)


def test_one_day_that_is_none_is_no_list_either(root: Path) -> None:
    file = root / "config/publications/lettre.yaml"
    lines = ["  jours: venddredi" if line.startswith("  jours:") else line for line in file.read_text().splitlines()]
    file.write_text("\n".join(lines))
    assert [code for code, _place in _codes(root)] == ["unknown-value"]


@pytest.mark.parametrize(("kept", "months"), [("12 mois", 12), ("3 ans", 36), ("never", None)])
def test_how_long_the_ledger_keeps_is_read_as_documented(root: Path, kept: str, months: int | None) -> None:
    settings = root / "config/newsroom.yaml"
    settings.write_text(f"{settings.read_text()}\nconservation: {{adresses: 6 months, lignes: {kept}}}\n")
    retention = load_newsroom(root).settings.retention
    assert (retention.addresses, retention.rows) == (6, months)


def test_what_is_sold_without_the_billers_doors_is_remarked_on_and_its_own_stay_shut(root: Path) -> None:
    publication = root / "config/publications/lettre.yaml"
    publication.write_text(publication.read_text("utf-8") + "prix: 6 € par mois\ninscription: true\n", "utf-8")
    newsroom, findings = examine(root)
    assert newsroom is not None
    assert [finding.code for finding in findings] == ["no-way-out-of-contract"]
    assert findings[0].suggestion == "facturation: {resilier: https://…, renoncer: https://…}"
    assert open_letters(newsroom) == ()
    doors = "facturation:\n  resilier: https://biller.example/end\n  renoncer: https://biller.example/withdraw\n"
    publication.write_text(publication.read_text("utf-8") + doors, "utf-8")
    newsroom, findings = examine(root)
    assert newsroom is not None
    assert (open_letters(newsroom), findings) == (("lettre",), ())

"""The pages about the house say what the configuration knows; what it does not know is said to the operator."""

from __future__ import annotations

import re

from click.testing import CliRunner
from lxml import html

from composer.archive.statements import gaps
from composer.cli import filigrane
from composer.daemon.doctor import Check, examinations
from tests.archive.support.sample_archive import SampleArchive, weeks
from tests.support.newsrooms import FRIDAY


def text_of(page: str) -> str:
    found = html.document_fromstring(page).find(".//main")
    assert found is not None
    return re.sub(r"\s+", " ", "".join(str(part) for part in found.itertext())).strip()


def doctor(archive: SampleArchive) -> Check | None:
    return next((check for check in examinations(archive.newsroom) if check.name == "archive"), None)


def test_they_say_what_is_known_in_two_languages(archive: SampleArchive) -> None:
    archive.settings(retention={"addresses": "6 months", "rows": "never"}, ownership={"owners": ["Les amis du port"]})
    archive.send()
    archive.look()
    assert "Éditions de l'Estuaire, 1 quai des Essais, 44000 Nantes" in text_of(archive.page("about/legal/"))
    assert "Publication director: Odile Ferrand" in text_of(archive.page("about/legal/"))
    assert "Directeur de la publication\u00a0: Odile Ferrand" in text_of(archive.page("about/legal/fr/")).replace(
        " :", "\u00a0:"
    )
    privacy = text_of(archive.page("about/privacy/"))
    assert "6 months" in privacy
    assert "mere counts" not in privacy, "rows are never folded here"
    assert "aucun cookie" in text_of(archive.page("about/privacy/fr/"))
    assert "Les amis du port" in text_of(archive.page("about/ownership/"))
    assert "Beneficial owners" not in text_of(archive.page("about/ownership/")), "nothing is invented"
    assert 'href="../../about/legal/"' in archive.page("about/privacy/")


def test_who_owns_us_has_no_page_while_nothing_is_known(archive: SampleArchive) -> None:
    archive.send()
    archive.look()
    assert not any("ownership" in path for path in archive.files())
    assert "Who owns us" not in archive.page("about/legal/")


def test_what_is_not_filled_in_is_said_to_the_operator(archive: SampleArchive) -> None:
    assert gaps(archive.newsroom) == [
        "config/publications/vendredi.yaml: legal.registration",
        "config/publications/vendredi.yaml: legal.phone",
        "config/publications/vendredi.yaml: legal.email",
        "config/publications/vendredi.yaml: legal.editor",
        "config/newsroom.yaml: ownership.owners",
        "config/newsroom.yaml: ownership.beneficial_owners",
        "config/newsroom.yaml: ownership.public_advertising",
    ]
    check = doctor(archive)
    assert check is not None
    assert check.ok
    assert "letters of 2026-11-01 and later" in check.says
    assert "ownership.owners" in check.says
    assert "who pays" not in check.says
    archive.configure(archive={"since": FRIDAY, "paid_copies": True})
    opened = doctor(archive)
    assert opened is not None
    assert "vendredi: who pays opens the paid edition for seven days" in opened.says
    archive.settings(keys="fr")
    assert "config/newsroom.yaml: actionnariat.actionnaires" in gaps(archive.newsroom)


def test_the_doctor_names_letters_without_a_page(archive: SampleArchive) -> None:
    first, second = weeks(2)
    archive.send(first)
    archive.send(second)
    (archive.root / "issues" / "vendredi" / f"{second}.yaml").unlink()
    archive.look()
    check = doctor(archive)
    assert check is not None
    assert not check.ok
    assert f"a/vendredi/{second}/" in check.says
    said = CliRunner().invoke(filigrane, ["--newsroom", str(archive.root), "doctor", "--offline"])
    assert f"a/vendredi/{second}/" in said.stdout + said.stderr
    archive.configure(archive=None)
    assert doctor(archive) is None

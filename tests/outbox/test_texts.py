"""The texts of single messages: both parts, both languages, and what their headers say and leave out."""

from __future__ import annotations

import email
import email.policy
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest

from composer.message import SlotValues
from composer.newsroom import load_newsroom
from composer.outbox import MESSAGE_KINDS, written_message
from composer.rendering.templates import shipped
from tests.support.newsrooms import write_newsroom

AT = datetime(2026, 11, 27, 6, tzinfo=UTC)
URL = "https://lettre.example.org/confirm/abc"
TITLES = ("L'Estuaire du vendredi", "L'Estuaire & <samedi>")


def message(root: Path, kind: str, language: str, publication: str = "vendredi") -> EmailMessage:
    newsroom = load_newsroom(write_newsroom(root))
    template = written_message(
        newsroom,
        kind,
        publication,
        language,
        AT,
        titles=TITLES,
        url=URL,
        again=URL,
        lines=("Abonnements (1)", "  - lettre : vendredi"),
        zone="Europe/Paris",
    )
    content = template.fill(SlotValues(to="zoe@example.org", message_id="b-1", unsubscribe="none"))
    found = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(found, EmailMessage)
    return found


@pytest.mark.parametrize("kind", MESSAGE_KINDS)
@pytest.mark.parametrize(("language", "said"), [("fr", "vous sans doute"), ("en", "you we hope")])
def test_each_kind_says_the_same_in_text_and_html(tmp_path: Path, kind: str, language: str, said: str) -> None:
    found = message(tmp_path, kind, language)
    text, html = (found.get_body((form,)) for form in ("plain", "html"))
    assert text is not None
    assert html is not None
    for part in (text.get_content(), html.get_content()):
        assert said in part
        assert ("/confirm/abc" in part) == (kind not in ("already", "held"))
    of_letters = kind in ("confirm", "already")
    assert ("L'Estuaire & <samedi>" in text.get_content()) == of_letters
    assert ("L&#39;Estuaire &amp; &lt;samedi&gt;" in html.get_content()) == of_letters
    assert f'lang="{language}"' in html.get_content()
    assert "<img" not in html.get_content()
    assert (TITLES[0] in found["Subject"]) == of_letters


def test_it_is_automatic_and_of_no_list(tmp_path: Path) -> None:
    found = message(tmp_path, "confirm", "fr")
    assert found["Auto-Submitted"] == "auto-generated"
    assert not [name for name in found if name.startswith("List-")]
    assert "vendredi@example.org" in found["From"]
    assert found["To"] == "zoe@example.org"
    assert found["Message-ID"] == "<b-1@example.org>"


def test_the_house_speaks_in_its_own_name(tmp_path: Path) -> None:
    assert message(tmp_path, "confirm", "fr", "")["From"].startswith("Gazette d'essai <")


def test_every_kind_has_both_templates_and_no_template_is_without_a_kind() -> None:
    there = {path.name for path in (shipped() / "mail").iterdir()} - {"layout.html.j2", "button.html.j2"}
    assert there == {f"{kind}.{form}.j2" for kind in MESSAGE_KINDS for form in ("html", "txt")}


def test_a_template_of_the_newsroom_is_used_and_one_that_fails_hinders_nobody(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "templates" / "mail"
    folder.mkdir(parents=True)
    (folder / "already.txt.j2").write_text("À vous : {{ titles | length }}\n\nNotre texte.\n")
    (folder / "confirm.html.j2").write_text("{{ cycler.__init__.__globals__ }}")
    ours = message(tmp_path, "already", "fr")
    text = ours.get_body(("plain",))
    assert text is not None
    assert (ours["Subject"], text.get_content().strip()) == ("À vous : 2", "Notre texte.")
    shipped_one = message(tmp_path, "confirm", "fr").get_body(("html",))
    assert shipped_one is not None
    assert "Une dernière étape" in shipped_one.get_content()

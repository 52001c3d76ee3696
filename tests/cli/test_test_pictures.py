"""test: its pictures inside, its signature where there is a key, its files where there is no relay."""

from __future__ import annotations

import re
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import dkim as dkimpy
import pytest

from composer.errors import OutsideWorld, Refused, WrongUsage
from composer.message.dkim import new_key, public_record
from tests.cli.test_test_send import ANNE, BORIS, in_a_thread, typed
from tests.support.newsrooms import FRIDAY, ISSUE, png, write_issue, write_newsroom

NAMED, DKIM = "vendredi/2026-11-27", {"domain": "example.org", "selector": "essai"}
FIGURE = (
    "  - figure: {{src: digue.png, alt: La digue et le port, credit: {{photo: Odile Ferrand}}}}\n"
    "  - figure: {{src: halle.png, alt: La halle un matin, credit: {{photo: Odile Ferrand}}}}\n"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_newsroom(tmp_path, dkim=DKIM)
    write_issue(tmp_path, "vendredi", FRIDAY, ISSUE.replace("  - masthead", f"{FIGURE}  - masthead"))
    (tmp_path / "issues/vendredi/digue.png").write_bytes(png("navy"))
    (tmp_path / "issues/vendredi/halle.png").write_bytes(png("olive"))
    return tmp_path


def read(content: bytes) -> EmailMessage:
    message = message_from_bytes(content, policy=policy.default)
    assert isinstance(message, EmailMessage)
    assert not any(part.defects for part in message.walk())
    return message


def test_each_picture_of_the_letter_is_a_part_of_the_message(folder: Path) -> None:
    with in_a_thread() as relay:
        done = typed(folder, "test", NAMED, "--to", ANNE, "--port", str(relay.port))
    assert done.exit_code == 0, done.exception
    for _to, content in relay.received:
        text, related = read(content).iter_parts()
        assert (text.get_content_type(), related.get_content_type()) == ("text/plain", "multipart/related")
        html, *pictures = related.iter_parts()
        used = re.findall(r'src="cid:([^"]+)"', html.get_content())
        assert len(used) == len(set(used)) == 2
        assert {f"<{name}>" for name in used} == {part["Content-ID"] for part in pictures}
        assert all(part.get_content().startswith(b"\x89PNG") for part in pictures)
        assert "/media/" not in html.get_content()


def test_without_the_key_it_leaves_unsigned_and_says_so(folder: Path) -> None:
    with in_a_thread() as relay:
        done = typed(folder, "test", NAMED, "--to", ANNE, "--port", str(relay.port))
    assert "unsigned" in done.stderr
    assert not any(b"DKIM-Signature" in content for _to, content in relay.received)


def test_with_the_key_it_is_signed_pictures_and_all(folder: Path) -> None:
    pem = new_key()
    (folder / "var").mkdir(exist_ok=True)
    (folder / "var/dkim.pem").write_bytes(pem)
    with in_a_thread() as relay:
        done = typed(folder, "test", NAMED, "--to", ANNE, "--port", str(relay.port))
    assert "unsigned" not in done.stderr
    record = public_record(pem).encode()
    assert len(relay.received) == 2
    for _to, content in relay.received:
        assert dkimpy.verify(content, dnsfunc=lambda *_arguments, **_options: record)


def test_files_are_written_without_a_relay_an_address_or_a_key(folder: Path) -> None:
    done = typed(folder, "test", NAMED, "--out", str(folder / "var/essai"))
    assert done.exit_code == 0, done.exception
    names = sorted(path.name for path in (folder / "var/essai").iterdir())
    assert names == ["vendredi-2026-11-27-free.eml", "vendredi-2026-11-27-paid.eml"]
    for name in names:
        message = read((folder / "var/essai" / name).read_bytes())
        assert message["Subject"].startswith("[test] ")
        assert sum(part.get_content_maintype() == "image" for part in message.walk()) == 2


def test_it_says_what_to_type_instead(folder: Path) -> None:
    nobody = typed(folder, "test", NAMED).exception
    assert isinstance(nobody, WrongUsage)
    assert "--out var/test" in str(nobody)
    for words in (("--out", "x", "--port", "25"), ("--out", "x", "--to", ANNE, "--to", BORIS)):
        assert isinstance(typed(folder, "test", NAMED, *words).exception, WrongUsage)
    both = typed(folder, "test", NAMED, "--to", ANNE, "--relay", "a", "--port", "25").exception
    assert isinstance(both, WrongUsage)
    no_relay = typed(folder, "test", NAMED, "--to", ANNE).exception  # nothing listens on the relay's port
    assert isinstance(no_relay, OutsideWorld)
    assert "--out var/test" in str(no_relay)
    write_newsroom(folder, only_to=["@essai.example"])
    not_let = typed(folder, "test", NAMED, "--to", ANNE).exception
    assert isinstance(not_let, Refused)
    assert f"“- {ANNE}”" in str(not_let)

"""The message of an edition, read back by the standard library."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from composer.errors import Refused
from composer.message import SlotValues, Template, build, feedback_id
from composer.message.dkim import SIGNED
from composer.message.provider_tags import TAGS

SENTINEL = "xslot0123456789abcdef"
READER = SlotValues(to="lea.morel@example.org", message_id="b-abc234", unsubscribe="A-z_09" * 5)
PAYER = replace(READER, paid_copy="C-z_12" * 6)
LETTER: dict[str, Any] = {
    "subject": "L’éolien flottant, pari à 3 milliards : « on y va »",
    "from_name": "La Gazette du Large",
    "from_address": "lettre@news.example.org",
    "reply_to": "redaction@example.org",
    "list_name": "La lettre du vendredi",
    "list_id": "vendredi.news.example.org",
    "language": "fr",
    "date": datetime(2026, 11, 27, 6, 0, tzinfo=UTC),
    "message_id_domain": "news.example.org",
    "unsubscribe_prefix": "https://lettres.example.org/u/",
    "html": f'<!DOCTYPE html><html lang="fr"><p>Été</p><a href="https://lettres.example.org/u/{SENTINEL}">x</a></html>\n',
    "text": f"Été\n\nSe désabonner : https://lettres.example.org/u/{SENTINEL}\n",
    "sentinel": SENTINEL,
    "feedback_id": "2026w48:vendredi:free:gazette",
}

#: French prose with what usually breaks mail: quotes, commas, emoji, no-break spaces, long words, encoded-word shapes.
prose = st.text(
    st.sampled_from(list("éàçœÉ «»’“”\u00a0\u202f,;:.!?()<>@\"\\'=_-–… aeinorstBCD0123😀🇫🇷👩‍🔬")),
    min_size=1,
    max_size=160,
)
bodies = st.text(st.characters(exclude_categories=["Cs"]), max_size=600) | st.text("a b.=\t\nF.romé -", max_size=400)


def parsed(content: bytes) -> EmailMessage:
    return message_from_bytes(content, policy=policy.default)


def decoded(message: EmailMessage, subtype: str) -> str:
    part = message.get_body((subtype,))
    assert part is not None
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload.decode("utf-8").replace("\r\n", "\n")


def test_the_model_message_carries_every_header_the_rules_ask_for() -> None:
    message = parsed(build(**LETTER).fill(READER))
    assert message["From"].addresses[0].display_name == "La Gazette du Large"
    assert message["From"].addresses[0].addr_spec == "lettre@news.example.org"
    assert message["To"].addresses[0].addr_spec == READER.to
    assert message["Reply-To"].addresses[0].addr_spec == "redaction@example.org"
    assert message["Subject"] == LETTER["subject"]
    assert message["Date"].datetime == LETTER["date"]
    assert message["Message-ID"] == "<b-abc234@news.example.org>"
    assert message["List-Id"] == "La lettre du vendredi <vendredi.news.example.org>"
    assert message["List-Unsubscribe"] == f"<https://lettres.example.org/u/{READER.unsubscribe}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["Feedback-ID"] == "2026w48:vendredi:free:gazette"
    assert message["Content-Language"] == "fr"
    assert message["Precedence"] is None
    # NDR, DR and All would silence the bounces that we live by
    assert message.get_all("X-Auto-Response-Suppress") == ["OOF, AutoReply"]
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert all(part["Content-Transfer-Encoding"] == "quoted-printable" for part in message.iter_parts())
    assert all(part.get_content_charset() == "utf-8" for part in message.iter_parts())


def test_leaving_by_mail_is_offered_after_the_one_click_where_mail_is_read() -> None:
    """RFC 2369: in the order of preference; RFC 8058: an https address, and both fields signed."""
    template = build(**LETTER | {"leave_domain": "retours.example.org"})
    offered = replace(READER, leave="u-abc234")
    message = parsed(template.fill(offered))
    link, mail = (each.strip(" <>") for each in message["List-Unsubscribe"].split(","))
    assert link == f"https://lettres.example.org/u/{READER.unsubscribe}"
    assert mail == "mailto:u-abc234@retours.example.org?subject=unsubscribe"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert template.dumps() == Template.loads(template.dumps()).dumps()
    without = build(**LETTER).fill(READER)
    assert template.fill(offered).replace(b",\r\n <" + mail.encode() + b">", b"") == without
    with pytest.raises(Refused):
        template.fill(replace(READER, leave="u@evil.example>, <mailto:x"))
    with pytest.raises(Refused):
        build(**LETTER | {"leave_domain": "a b"})


def test_no_one_click_header_without_https() -> None:
    message = parsed(build(**LETTER | {"unsubscribe_prefix": "http://127.0.0.1:8080/u/"}).fill(READER))
    assert message["List-Unsubscribe"].startswith("<http://127.0.0.1:8080/u/")
    assert message["List-Unsubscribe-Post"] is None


@given(bodies, bodies)
@example("", "")
@example("From here\n.\n..\n--\n=\n", "a  b \n" + "é" * 90 + "\n" + "." * 200)
def test_both_parts_come_back_exactly_with_the_token_in_its_place(before: str, after: str) -> None:
    html, text = f"{before}{SENTINEL}{after}", f"{after}\n{SENTINEL}{before}"
    content = build(**LETTER | {"html": html, "text": text}).fill(READER)
    assert content.isascii()
    assert all(len(line) <= 76 for line in content.split(b"\r\n") if not line.startswith(b"List-Unsubscribe:"))
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)|\r\n\.", content)
    message = parsed(content)
    for subtype, part in (("html", html), ("plain", text)):
        whole = part.replace("\r\n", "\n").replace("\r", "\n").replace(SENTINEL, READER.unsubscribe)
        assert decoded(message, subtype) == whole


@given(bodies)
@example("")
def test_a_second_slot_has_its_own_token_and_the_header_the_first_one(between: str) -> None:
    whole = f"{SENTINEL}{between}PAIDCOPY0123"
    message = parsed(build(**LETTER | {"html": whole, "text": whole, "paid_copy": "PAIDCOPY0123"}).fill(PAYER))
    told = f"{READER.unsubscribe}{between}{PAYER.paid_copy}".replace("\r\n", "\n").replace("\r", "\n")
    assert (decoded(message, "plain"), decoded(message, "html")) == (told, told)
    assert PAYER.paid_copy not in message["List-Unsubscribe"]


def test_a_template_without_that_slot_is_what_it_was() -> None:
    assert build(**LETTER).fill(READER) == build(**LETTER).fill(PAYER)
    assert "paid_copy" not in build(**LETTER).slots


def test_an_empty_text_around_the_link_and_a_slot_at_the_very_end() -> None:
    message = parsed(build(**LETTER | {"html": SENTINEL, "text": SENTINEL}).fill(READER))
    assert decoded(message, "plain") == READER.unsubscribe


@given(prose)
@example("Europe : l’accord, « à l’arraché », sur la pêche – et ce qu’il change pour Lorient")
@example("Anticonstitutionnellement" * 6)
@example("=?utf-8?q?pas_un_mot_encod=C3=A9?=")
@example("deux  espaces")
@example(" autour ")
def test_the_subject_survives_the_folding_bug_of_the_standard_library(subject: str) -> None:
    content = build(**LETTER | {"subject": subject}).fill(READER)
    head = content.partition(b"\r\n\r\n")[0]
    assert all(len(line) <= 76 for line in head.split(b"\r\n") if not line.startswith(b"List-Unsubscribe:"))
    assert b"?==?" not in head
    assert str(parsed(content)["Subject"]) == subject


@given(prose.map(str.strip).filter(bool))  # the configuration's own rule for a name
@example('Le "Quotidien", Nantes & Saint-Nazaire')
@example("Rédaction, desk « Économie », à l’écoute des lectrices et des lecteurs de la Loire-Atlantique")
def test_a_display_name_survives_too(name: str) -> None:
    content = build(**LETTER | {"from_name": name}).fill(READER)
    field = next(line for line in parsed(content).raw_items() if line[0] == "From")[1]
    assert all(len(line) <= 76 for line in f"From: {field}".splitlines())
    if field.count("=?utf-8?") <= 1 and not re.search(r"\s\s", name):
        sender = parsed(content)["From"].addresses
        assert [(one.display_name, one.addr_spec) for one in sender] == [(name, "lettre@news.example.org")]
    else:  # in a display name, the library's new parser keeps the blank between encoded words and drops a double one
        words = field.rpartition(" <")[0].replace("\n", "")
        assert str(make_header(decode_header(words))) == name


def test_same_arguments_same_bytes() -> None:
    assert build(**LETTER).fill(READER) == build(**LETTER).fill(READER)


def test_the_boundary_cannot_occur_in_a_body() -> None:
    boundary = parsed(build(**LETTER).fill(READER)).get_boundary()
    assert boundary is not None
    quoting = build(**LETTER | {"text": f"--{boundary}\n--{boundary}--\n{SENTINEL}"}).fill(READER)
    assert len(list(parsed(quoting).iter_parts())) == 2


@pytest.mark.parametrize("slot", ["to", "message_id", "unsubscribe"])
@given(tail=st.text(max_size=5), bad=st.sampled_from(list('\r\n\0\t <>\u2028é,;:"()')))
def test_nothing_that_could_end_a_header_gets_into_a_slot(slot: str, tail: str, bad: str) -> None:
    with pytest.raises(Refused):
        build(**LETTER).fill(SlotValues(**vars(READER) | {slot: getattr(READER, slot) + bad + tail}))


@pytest.mark.parametrize("name", ["subject", "from_name", "list_name"])
@pytest.mark.parametrize("control", ["\r\nBcc: tous@example.org", "\n", "\0", "\x85", "\u2028"])
def test_no_control_character_in_a_header(name: str, control: str) -> None:
    with pytest.raises(Refused):
        build(**LETTER | {name: f"La lettre{control}"})


def test_a_letter_without_its_way_out_is_refused() -> None:
    with pytest.raises(Refused, match="unsubscribe"):
        build(**LETTER | {"text": "rien"})


def test_a_domain_with_accents_goes_as_a_labels() -> None:
    content = build(**LETTER | {"from_address": "lettre@gazette-été.fr"}).fill(READER)
    assert parsed(content)["From"].addresses[0].domain == "xn--gazette-t-i4ab.fr"


def test_a_blob_comes_back_and_a_damaged_one_does_not() -> None:
    template = build(**LETTER)
    blob = template.dumps()
    assert Template.loads(blob) == template
    for damaged in (blob[:-1], blob + b"x", blob.replace(b"Gazette", b"Gazotte"), b"", b"[]\n", b"{}\n" + blob):
        with pytest.raises(Refused, match="damaged"):
            Template.loads(damaged)


def test_feedback_id_keeps_the_rules_or_keeps_silent() -> None:
    assert feedback_id("2026-11-27", "vendredi", "free-fr", sender="Gazette du Large") == (
        "2026-11-27:vendredi:free-fr:gazettedularge"
    )
    assert feedback_id("vendredi", "vendredi", "free", sender="gazette") == "vendredi:free:gazette"
    assert feedback_id("a", "b", "c", sender="lll") is None
    assert feedback_id("été", "b", "c", sender="Ma rédaction, Œuvre") == "ete:b:c:maredactionoeuv"


@pytest.mark.parametrize("bad", ["a\r\nBcc: v@example.org", "a\nb", "é:vendredi", "a\ud800"])
def test_no_feedback_id_adds_a_header(bad: str) -> None:
    with pytest.raises(Refused):
        build(**LETTER | {"feedback_id": bad})


@pytest.mark.parametrize("name", ["subject", "from_name", "list_name", "language", "html", "text"])
def test_half_a_character_is_refused_anywhere(name: str) -> None:
    with pytest.raises(Refused):
        build(**LETTER | {name: LETTER[name] + "\udc80"})


def test_a_relays_operator_hands_back_what_stands_in_message_id() -> None:
    """The fields as each operator's documentation writes them; without one, none. Operators take them out: unsigned."""
    made = parsed(build(**LETTER, returned_by=sorted(TAGS)).fill(READER))
    assert made["X-SES-MESSAGE-TAGS"] == "filigrane=b-abc234"
    assert json.loads(made["X-Mailgun-Variables"]) == {"filigrane": "b-abc234"}
    assert made["X-Mailin-custom"] == "b-abc234"
    assert made["X-PM-Metadata-filigrane"] == "b-abc234"
    tags = {name.lower() for name in made} - {name.lower() for name in parsed(build(**LETTER).fill(READER))}
    assert len(tags) == len(TAGS)
    assert not tags & {*SIGNED}

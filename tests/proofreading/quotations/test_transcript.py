"""The transcripts that people have."""

from __future__ import annotations

import pytest

from composer.proofreading.quotations.transcript import (
    LONGEST_TRANSCRIPT,
    MOST_CUES,
    UnreadTranscript,
    read_transcript,
)

SAID = [(62, "On vend la mer"), (64, "par les bords & sans quai"), (3723, "bonsoir")]

FORMS = {
    "WebVTT": """WEBVTT - Les pieds dans l’eau

NOTE écrit à la main
et relu

STYLE
::cue { color: red }

ouverture
01:02.000 --> 01:04.000 align:start position:0%
<v Anaïg>On <i>vend</i> la mer</v>

01:04.000 --> 01:06.500
par les bords &amp; sans quai

2
01:02:03.000 --> 01:02:05.000
[Applaudissements] bonsoir
""",
    "SubRip": """1
00:01:02,000 --> 00:01:04,000
{\\an8}On vend
la mer

2
00:01:04,000 --> 00:01:06,500
<i>par les bords</i> & sans quai

3
01:02:03,000 --> 01:02:05,000
bonsoir
""",
    "a line each": "01:02 On vend la mer\n01:04 par les bords & sans quai\n1:02:03 bonsoir\n",
    "brackets": "[00:01:02] On vend la mer\n(01:04) par les bords & sans quai\n[01:02:03.500]bonsoir\n",
    "Whisper's output": (
        "[01:02.000 --> 01:04.000]  On vend la mer\n[01:04.000 --> 01:06.500]  par les bords & sans quai\n"
        "[01:02:03.000 --> 01:02:05.000]  bonsoir\n"
    ),
    "Whisper's table": (
        "start\tend\ttext\n62000\t64000\tOn vend la mer\n64000\t66500\tpar les bords & sans quai\n"
        "3723000\t3725000\tbonsoir\n"
    ),
    "times on lines of their own": "1:02\nOn vend la mer\n1:04\npar les bords\n& sans quai\n1:02:03\nbonsoir\n",
    "paragraphs with who speaks": (
        "Anaïg Péron (01:02):\nOn vend la mer\n\nTudi Morvan  00:01:04\npar les bords & sans quai\n\n"
        "Anaïg Péron (01:02:03):\nbonsoir\n"
    ),
    "names before what is said": (
        "01:02 Anaïg : On vend la mer\n01:04 Tudi : par les bords & sans quai\n1:02:03 Anaïg : bonsoir\n"
    ).replace("Tudi", "Anaïg"),
    "out of order": "1:02:03 bonsoir\n01:02 On vend la mer\n01:04 par les bords & sans quai\n",
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "utf-16", "crlf"])
def test_what_is_said_and_when(form: str, coding: str) -> None:
    text = FORMS[form].replace("\n", "\r\n") if coding == "crlf" else FORMS[form]
    content = text.encode("utf-8" if coding == "crlf" else coding)
    assert [(cue.start, cue.text) for cue in read_transcript(content)] == SAID


def test_an_old_subtitle_file_of_windows_is_read() -> None:
    assert read_transcript("01:02 l’été\n".encode("cp1252"))[0].text == "l’été"


def test_captions_that_roll_are_said_once() -> None:
    lines = ["on vend la mer", "par les bords", "et sans quai", "depuis vingt ans", "bonsoir"]
    rolling = "WEBVTT\n\n"
    for at, (above, below) in enumerate(zip(["", *lines], lines, strict=False)):
        timed = below.replace(" ", f"<00:00:{at:02}.500><c> ", 1) + "</c>"
        rolling += f"00:00:{at:02}.000 --> 00:00:{at:02}.990\n{above or ' '}\n{timed}\n\n"
        rolling += f"00:00:{at:02}.990 --> 00:00:{at + 1:02}.000\n{below}\n \n\n"
    assert " ".join(cue.text for cue in read_transcript(rolling.encode()) if cue.text) == " ".join(lines)


def test_what_is_said_twice_is_said_twice() -> None:
    cues = read_transcript(b"00:01 non\n00:02 non\n")
    assert [cue.text for cue in cues] == ["non", "non"]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "no time"),
        (b"Nothing but words.\nAnd others.\n", "no time"),
        (b"%PDF-1.7\n\0\0", "no text"),
        (b"00:01 a\n" * (LONGEST_TRANSCRIPT // 8 + 1), "too long"),
        (b"00:01 a\n" * (MOST_CUES + 1), "too long"),
    ],
)
def test_what_is_no_transcript_is_refused_with_a_reason(content: bytes, why: str) -> None:
    with pytest.raises(UnreadTranscript, match=why):
        read_transcript(content)

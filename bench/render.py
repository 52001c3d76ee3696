"""What composing an issue costs, stage by stage: from YAML to signed bytes.

    make bench-render

The issue is the Saturday sample, some 2,000 words with pictures and boxes. Medians; nothing here passes or fails.
"""

from __future__ import annotations

import json
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from time import perf_counter

from composer.clock import now
from composer.issue import compose, load_issue
from composer.message import build
from composer.message.dkim import Signer, new_key
from composer.message.trial import trial_values
from composer.newsroom import load_newsroom
from composer.rendering import mjml
from composer.rendering.inlining import inline
from composer.rendering.letter import LETTER, Letter

ROOT = Path(__file__).resolve().parent.parent
ISSUE = ROOT / "issues" / "samedi" / "2026-11-28.yaml"
OUT = ROOT / "bench" / "out" / "render.json"
ROUNDS = 15
PREFIX = "https://lettres.example.org/u/"
SENTINEL = "UNSUBSCRIBE" + 32 * "0"


def main() -> None:
    newsroom = load_newsroom(ROOT)
    signer = Signer("example.org", "bench", new_key())
    spent: dict[str, list[float]] = {}

    @contextmanager
    def timed(stage: str) -> Iterator[None]:
        start = perf_counter()
        yield
        spent.setdefault(stage, []).append(perf_counter() - start)

    for _round in range(ROUNDS):
        begin = perf_counter()
        with timed("load"):
            issue = load_issue(ISSUE, newsroom).require()
        with timed("compose"):
            edition = compose(issue, newsroom, "paid")
        with timed("jinja"):
            letter = Letter(edition, newsroom)
            document, css = letter.document(letter.blocks(), PREFIX + SENTINEL), letter.css()
        with timed("mjml"):
            made = mjml.html(document, LETTER)
        with timed("premailer"):
            html = inline(made, css)
        with timed("text"):
            text = letter.text(PREFIX + SENTINEL)
        with timed("mime"):
            template = build(
                subject=edition.subject,
                from_name=edition.publication.title,
                from_address=edition.publication.from_,
                reply_to=edition.publication.reply_to,
                list_name=edition.publication.title,
                list_id="bench.example.org",
                language=edition.language,
                date=now(),
                message_id_domain="example.org",
                unsubscribe_prefix=PREFIX,
                html=html,
                text=text,
                sentinel=SENTINEL,
            )
        with timed("fill"):
            content = template.fill(trial_values("reader@example.org", now()))
        with timed("sign"):
            signed = signer.sign(content)
        spent.setdefault("whole", []).append(perf_counter() - begin)
    words, html_bytes, message_bytes = len(text.split()), len(html.encode()), len(signed)

    print(
        f"{ISSUE.relative_to(ROOT)}: {words} words, {html_bytes} B of HTML, {message_bytes} B signed; {ROUNDS} rounds"
    )
    print(f"Python {platform.python_version()}, {platform.machine()}, {ROUNDS} rounds\n")
    medians = {stage: median(times) * 1000 for stage, times in spent.items()}
    for stage, milliseconds in medians.items():
        print(f"{stage:<16} {milliseconds:9.2f} ms")
    OUT.parent.mkdir(parents=True, exist_ok=True)
    result = {"words": words, "html": html_bytes, "message": message_bytes, "rounds": ROUNDS, "median_ms": medians}
    OUT.write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()

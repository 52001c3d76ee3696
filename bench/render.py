"""What a letter costs, from its YAML to finished HTML and text; beside npm's mjml and juice on the same MJML.

    make bench-render

Medians of one run in which both take turns, so that whatever else the machine does slows both. Nothing here passes or
fails. What is compared, and how evenly:

- The two do not do the same. Ours reads YAML, checks it, parses Markdown, sets it by the house's typography, writes the
  MJML by templates, checks that, makes HTML, writes styles on the elements, and writes the text part. mjml and juice
  begin at our finished MJML and end at HTML: a third or less of the way. Whoever runs them has the rest to do besides.
- Theirs as it is documented: mjml's own defaults (validation "soft": what is wrong is listed and passed; no minifying,
  no beautifying), juice on the page with the theme's sheet besides, so that it also writes on the elements what mjml
  put into ``<style>``. ``theme_only`` leaves that out, which is what ours does. Two options are set: ``fonts: {}`` (no
  Google Fonts, as ours) and ``resolveCSSVariables: false`` (juice 11.1.1 stops at our sheet otherwise).
- ``_ms`` is warm: one long-lived process each, after the rounds that Node needs to compile what is hot. Ours keeps what
  any long-lived process has: modules, compiled templates, the theme's parsed sheet. Sentences that typography has set
  before are forgotten before each round. Pictures are made once before: mjml and juice make none.
- ``_process_ms`` is cold: a process for one letter of as many words without pictures, `filigrane render` (which also
  makes the message and writes the files) against a script around mjml and juice. Modules and what is kept between
  processes were made by one before, as in ``bench.start``, which also counts their processor.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from bench.letters import write_letter
from composer.clock import now
from composer.issue import compose, load_issue
from composer.issue.typography.rules import set_sentence
from composer.message import build
from composer.message.dkim import Signer, new_key
from composer.message.trial import trial_values
from composer.newsroom import load_newsroom
from composer.newsroom.model import Newsroom
from composer.rendering import Rendering, mjml, render
from composer.rendering.inlining import inline_styles
from composer.rendering.letter import LETTER, LetterTemplate

ROOT = Path(__file__).resolve().parent.parent
ISSUE = ROOT / "issues" / "samedi" / "2026-11-28.yaml"
OUT = ROOT / "bench" / "out" / "render.json"
COMPILE = ROOT / "tests" / "node" / "compile.mjs"
ONCE = COMPILE.with_name("once.mjs")
FILIGRANE = (sys.executable, "-c", "from composer.cli import main; main()")
PREFIX = "https://lettres.example.org/u/"
SENTINEL = "UNSUBSCRIBE" + 32 * "0"
#: Node compiles what is hot only after some dozens of rounds.
ROUNDS, WARM_UP = 25, 40
PROCESSES = 7
WORDS = (500, 1_000, 2_000, 5_000, 10_000, 20_000)


def made(path: Path, newsroom: Newsroom) -> Rendering:
    """What is measured: an editor's file to the letter of its paying readers, in HTML and in text."""
    return render(compose(load_issue(path, newsroom).require(), newsroom, "paid"), newsroom)


def forget() -> None:
    """What is set once is not set again: no letter is measured that was measured before."""
    set_sentence.cache_clear()


def words(rendering: Rendering) -> int:
    return len(rendering.text.split())


def beside_node(newsroom: Newsroom) -> dict[str, float]:
    """Milliseconds a letter, for us and for mjml and juice in one node process, warm."""
    letter = LetterTemplate(compose(load_issue(ISSUE, newsroom).require(), newsroom, "paid"), newsroom)
    document = letter.document(letter.blocks(), PREFIX + SENTINEL)
    ours, same, theme, whole = [], [], [], []
    with subprocess.Popen(["node", COMPILE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as node:
        assert node.stdin is not None
        assert node.stdout is not None

        def theirs(rounds: int) -> dict[str, list[float]]:
            assert node.stdin is not None
            assert node.stdout is not None
            print(json.dumps({"mjml": document, "css": letter.css(), "rounds": rounds}), file=node.stdin, flush=True)
            answer: dict[str, list[float]] = json.loads(node.stdout.readline())
            return answer

        theirs(WARM_UP)
        made(ISSUE, newsroom)
        for _round in range(ROUNDS):
            forget()
            begin = perf_counter()
            made(ISSUE, newsroom)
            between = perf_counter()
            inline_styles(mjml.html(document, LETTER), letter.css())
            ours.append((between - begin) * 1000)
            same.append((perf_counter() - between) * 1000)
            answer = theirs(1)
            theme += answer["theme"]
            whole += answer["whole"]
        node.stdin.close()
    return {
        "filigrane_ms": median(ours),
        "filigrane_mjml_ms": median(same),
        "mjml_juice_ms": median(whole),
        "mjml_juice_theme_only_ms": median(theme),
    }


def processes(count: int) -> dict[str, float]:
    """Milliseconds of a process for one letter of about ``count`` words, without pictures."""
    ours, theirs = [], []
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with TemporaryDirectory() as folder:
        root = Path(folder)
        shutil.copytree(ROOT / "config", root / "config")
        newsroom = load_newsroom(root)
        path = write_letter(root, count)
        letter = LetterTemplate(compose(load_issue(path, newsroom).require(), newsroom, "paid"), newsroom)
        document = letter.document(letter.blocks(), PREFIX + SENTINEL)
        given = json.dumps({"mjml": document, "css": letter.css()})
        render_it = [*FILIGRANE, "--newsroom", folder, "render", str(path), "--out", str(root / "out")]
        subprocess.run(render_it, check=True, cwd=ROOT, env=environment, capture_output=True)
        for _round in range(PROCESSES):
            begin = perf_counter()
            subprocess.run(render_it, check=True, cwd=ROOT, env=environment, capture_output=True)
            between = perf_counter()
            subprocess.run(["node", ONCE], input=given, check=True, text=True, capture_output=True)
            ours.append((between - begin) * 1000)
            theirs.append((perf_counter() - between) * 1000)
    return {"filigrane_process_ms": median(ours), "mjml_juice_process_ms": median(theirs)}


def by_length() -> dict[str, float]:
    """Milliseconds per 1,000 words of letters from short to very long."""
    found = {}
    with TemporaryDirectory() as folder:
        root = Path(folder)
        shutil.copytree(ROOT / "config", root / "config")
        newsroom = load_newsroom(root)
        for length in WORDS:
            path = write_letter(root, length)
            count, spent = words(made(path, newsroom)), []
            for _round in range(max(3, 20_000 // length)):
                forget()
                begin = perf_counter()
                made(path, newsroom)
                spent.append(perf_counter() - begin)
            found[f"ms_per_1000_words_{length}"] = median(spent) * 1_000_000 / count
    return found


def stages(newsroom: Newsroom) -> dict[str, float]:
    """Where the time goes, in milliseconds; what the message costs afterwards; and ``yaml_to_signed``, all of it."""
    spent: dict[str, list[float]] = {}
    signer = Signer("example.org", "bench", new_key())

    @contextmanager
    def timed(stage: str) -> Iterator[None]:
        begin = perf_counter()
        yield
        spent.setdefault(stage, []).append((perf_counter() - begin) * 1000)

    for _round in range(ROUNDS):
        forget()
        whole = perf_counter()
        with timed("load"):
            issue = load_issue(ISSUE, newsroom).require()
        with timed("compose"):
            edition = compose(issue, newsroom, "paid")
        with timed("jinja"):
            letter = LetterTemplate(edition, newsroom)
            document, css = letter.document(letter.blocks(), PREFIX + SENTINEL), letter.css()
        with timed("mjml"):
            html = mjml.html(document, LETTER)
        with timed("premailer"):
            html = inline_styles(html, css)
        with timed("text"):
            text = letter.text(PREFIX + SENTINEL)
        message = partial(
            build,
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
        )
        with timed("mime"):
            template = message(html=html, text=text, sentinel=SENTINEL)
        with timed("fill"):
            content = template.fill(trial_values("reader@example.org", now()))
        with timed("sign"):
            signer.sign(content)
        spent.setdefault("yaml_to_signed", []).append((perf_counter() - whole) * 1000)
    return {stage: median(times) for stage, times in spent.items()}


def main() -> None:
    newsroom = load_newsroom(ROOT)
    letter = made(ISSUE, newsroom)
    size = len(letter.html.encode())
    print(f"{ISSUE.relative_to(ROOT)}: {words(letter)} words, {size} bytes of HTML; medians of {ROUNDS} rounds")
    print(f"Python {platform.python_version()}, {platform.machine()}\n")
    beside: dict[str, float] = {}
    if shutil.which("node") and (COMPILE.parent / "node_modules" / ".built").exists():
        beside = beside_node(newsroom)
        ours = beside["filigrane_ms"]
        print(f"{'YAML to HTML and text, Filigrane':<52} {ours:8.2f} ms")
        print(f"{'of which from MJML to HTML, as theirs below':<52} {beside['filigrane_mjml_ms']:8.2f} ms")
        for name, label in (
            ("mjml_juice_ms", "the same MJML to HTML, npm's mjml and juice"),
            ("mjml_juice_theme_only_ms", "the same, inlining only what we inline"),
        ):
            print(f"{label:<52} {beside[name]:8.2f} ms {beside[name] / ours:5.1f} times")
        beside |= processes(words(letter))
        ours, theirs = beside["filigrane_process_ms"], beside["mjml_juice_process_ms"]
        print(f"{'A process for one letter, filigrane render':<52} {ours:8.0f} ms")
        print(f"{'A process for one letter, mjml and juice':<52} {theirs:8.0f} ms {theirs / ours:5.1f} times")
    else:
        print("mjml and juice are not there to compare with: apt install nodejs npm && make node")
    parts = stages(newsroom)
    print("\nWhere our time goes, and what the message costs after it")
    for stage, milliseconds in parts.items():
        print(f"{'YAML to signed bytes' if stage == 'yaml_to_signed' else stage:<52} {milliseconds:8.2f} ms")
    lengths = by_length()
    print("\nBy length, per 1,000 words")
    for length in WORDS:
        print(f"{f'{length:,} words':<52} {lengths[f'ms_per_1000_words_{length}']:8.2f} ms")
    OUT.parent.mkdir(parents=True, exist_ok=True)
    figures = {**beside, **lengths, **{f"{stage}_ms": milliseconds for stage, milliseconds in parts.items()}}
    OUT.write_text(json.dumps({name: round(value, 3) for name, value in figures.items()}, indent=2) + "\n")


if __name__ == "__main__":
    main()

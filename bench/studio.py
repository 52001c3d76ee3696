"""What writing in the letter costs: from a key to what is painted, from leaving a sentence to the letter as printed
and to its remarks; the first page; the memory with hundreds of issues.

    make bench-studio

``filigrane preview`` as it is typed, on one core; Chromium on the other. Milliseconds: median and 95th percentile.

- ``key``: a letter is typed into an open sentence of the long sample, a quick hand's ``GAP`` apart; from the event's
  own time to the first task after the frame that shows it (``requestAnimationFrame``, then a message). ``idle`` is
  the same of a bare page: what the browser itself takes.
- ``letter``: a word is added and the sentence left (Ctrl and Enter); from there to the new letter standing in the
  frame, with its typography. ``remarks``: to the column having been fetched again. Both hold the write to the file.
- ``first``: from asking for the page to the letter in it, with nothing kept by the browser.
- ``memory``: megabytes that the process and its children hold after the list of ``MANY`` issues and five letters.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, sleep
from typing import Any

from bench.letters import letter

ROOT = Path(__file__).parents[1]
ISSUE = "samedi/2026-11-28"
SERVER, BROWSER = {0}, {1}
KEYS, GAP, TURNS, MANY, WORDS = 200, 0.08, 40, 500, 800

#: Notes in the frame when each key was painted, as ``window.painted``.
PAINTED = """frame => {
  const view = frame.contentWindow, channel = new MessageChannel(), waiting = [];
  window.painted = [];
  channel.port1.onmessage = () => window.painted.push(view.performance.now() - waiting.shift());
  frame.contentDocument.addEventListener("keydown", event => {
    waiting.push(event.timeStamp);
    view.requestAnimationFrame(() => channel.port2.postMessage(0));
  }, true);
}"""

#: Waits until the letter holds the word and nothing is coming; then when, by the page's clock.
SHOWN = """word => {
  const frames = [...document.querySelectorAll("#stage iframe")];
  const letter = frames[0]?.contentDocument;
  return frames.length === 1 && !document.querySelector(".open-sentence") && letter?.readyState === "complete" &&
    !letter.querySelector(".open-sentence") && letter.body.innerText.includes(word) && frames[0].src !== window.before;
}"""


@contextmanager
def studio(root: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """``filigrane preview`` on its core; the address that it prints."""
    program = [sys.executable, "-c", "from composer.cli import main; main()", "--newsroom", str(root), "preview", ISSUE]
    begin = lambda: os.sched_setaffinity(0, SERVER)  # noqa: E731 # reason: what Popen calls
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True, preexec_fn=begin) as process:
        assert process.stdout is not None
        printed = re.search(r"http://\S+", process.stdout.readline())
        assert printed is not None
        try:
            yield printed[0], process
        finally:
            process.terminate()


def keys(page: Any, frame: str) -> list[float]:
    """Milliseconds from each key to what is painted of it, in the frame that has the focus."""
    page.locator(frame).evaluate(PAINTED)
    for _ in range(KEYS):
        page.keyboard.press("e")
        sleep(GAP)
    return list(page.evaluate("window.painted"))


def turns(page: Any) -> tuple[list[float], list[float]]:
    """Milliseconds from leaving a changed sentence to the letter as it is printed, and to its remarks."""
    letters, remarks = [], []
    at = "[data-at='blocks/4/body#2']"
    for turn in range(TURNS):
        word = f"mot{turn}."
        page.frame_locator("#stage iframe:not(.coming)").locator(at).first.click()
        page.frame_locator("#stage iframe:not(.coming)").locator(".open-sentence").wait_for()
        page.keyboard.press("Control+End")
        page.keyboard.type(f" {word}")
        sleep(0.15)
        page.evaluate("window.before = document.querySelector('#stage iframe:not(.coming)').src")
        with page.expect_response(
            lambda one: one.request.resource_type == "fetch" and ISSUE in one.url and one.request.method == "GET"
        ) as answered:
            start = perf_counter()
            page.keyboard.press("Control+Enter")
            page.wait_for_function(SHOWN, arg=word, polling="raf")
            letters.append(1000 * (perf_counter() - start))
        answered.value.finished()
        remarks.append(1000 * (perf_counter() - start))
        sleep(0.6)  # the watcher's own word comes and finds nothing new
    return letters, remarks


def held(process: int) -> float:
    """Megabytes of memory of a process and of its children, without counting twice what they share."""
    total = 0
    for number in [process, *map(int, Path(f"/proc/{process}/task/{process}/children").read_text().split())]:
        rollup = Path(f"/proc/{number}/smaps_rollup").read_text()
        total += int(re.search(r"^Pss:\s+(\d+)", rollup, re.MULTILINE)[1])  # type: ignore[index] # reason: it is there
    return total / 1024


def row(name: str, taken: Sequence[float]) -> dict[str, float]:
    """Print and give the median and the 95th percentile."""
    ordered = sorted(taken)
    found = {"p50": statistics.median(ordered), "p95": ordered[int(len(ordered) * 0.95) - 1]}
    print(f"{name:58} {found['p50']:7.1f} {found['p95']:7.1f}", flush=True)
    return found


def many(root: Path) -> None:
    """Hundreds of issues of the days before the sample's."""
    last = date(2026, 11, 28)
    for number in range(1, MANY):
        day = last - timedelta(days=7 * number)
        (root / "issues" / "samedi" / f"{day}.yaml").write_text(
            letter(WORDS).replace("longue haleine", f"longue haleine {number}"), encoding="utf-8"
        )


def ours(root: Path, browser: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    with studio(root) as (address, process):
        context = browser.new_context(viewport={"width": 1280, "height": 800})
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.goto(address)
        page.wait_for_url("**/issue/**")
        first = []
        for _ in range(5):
            start = perf_counter()
            page.goto(page.url)
            page.frame_locator("#stage iframe").locator("[data-at]").first.wait_for()
            first.append(1000 * (perf_counter() - start))
        found["first"] = row("first page, to the letter in it", first)
        page.frame_locator("#stage iframe").locator("[data-at='blocks/4/body#2']").first.click()
        page.frame_locator("#stage iframe").locator(".open-sentence").wait_for()
        found["key"] = row("a key in an open sentence, to its paint", keys(page, "#stage iframe"))
        page.keyboard.press("Escape")
        letters, remarks = turns(page)
        found["letter"] = row("a sentence left, to the letter as it is printed", letters)
        found["remarks"] = row("a sentence left, to its remarks", remarks)
        many(root)
        page.goto(re.sub(r"/issue/.*", "/issues", page.url))
        page.get_by_role("link").nth(20).wait_for()
        found["memory"] = held(process.pid)
        print(f"{'memory after the list of ' + str(MANY) + ' issues, MB':58} {found['memory']:7.0f}")
        context.close()
    return found


def idle(browser: Any) -> dict[str, float]:
    """The same keys in a bare editable page in a frame: what Chromium takes by itself."""
    page = browser.new_page()
    page.set_content("<iframe srcdoc='<p contenteditable id=one>Un mot</p>'></iframe>")
    page.frame_locator("iframe").locator("#one").click()
    taken = keys(page, "iframe")
    page.close()
    return row("a key in a bare page, to its paint", taken)


def main() -> None:
    from playwright.sync_api import sync_playwright

    os.sched_setaffinity(0, BROWSER)
    out = ROOT / "bench" / "out" / "studio.json"
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        root = Path(folder).resolve()
        for name in ("config", "issues", "schema"):
            shutil.copytree(ROOT / name, root / name)
        chromium = shutil.which("chromium") or shutil.which("chromium-browser")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        print(f"{'milliseconds':58}  median    95 %")
        found = {"idle": idle(browser), **ours(root, browser)}
        browser.close()
    out.parent.mkdir(exist_ok=True)
    out.write_text(json.dumps(found, indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()

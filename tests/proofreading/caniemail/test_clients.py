"""What mail clients lack: the data, the features that are found, the baseline, the whole matrix of sample letters."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from lxml import html as lxml_html

from composer.proofreading.caniemail import clients, markup, stylesheets
from composer.proofreading.caniemail.support import baseline, names, support
from composer.source.document import Source
from tests.proofreading.support.sample_letters import LETTERS, rendered
from tests.proofreading.support.trim_caniemail import CLIENTS, trimmed
from tests.proofreading.support.write_baseline import BASELINE, measured

SOURCE = Source("issues/vendredi/2026-11-27.yaml", "objet: A\n")

#: Features that no letter's HTML can show, or show for sure; and why.
NOT_READ = {
    "amp": "another part of the message",
    "bimi": "a record of the domain",
    "image-hdr": "the name of a picture does not tell",
    "css-display": "said of every value of the property",
    "css-margin": "said of every value of the property",
}

#: One line of CSS or HTML for each feature whose name does not tell how it is written.
WRITTEN = {
    "css-at-import": "@import 'a.css';",
    "css-at-font-face": "@font-face { font-family: A }",
    "css-at-keyframes": "@keyframes a { from { left: 0 } }",
    "css-at-media": "@media print { a { left: 0 } }",
    "css-at-media-device-pixel-ratio": "@media (-webkit-min-device-pixel-ratio: 2) { a { left: 0 } }",
    "css-at-media-hover": "@media (hover: hover) { a { left: 0 } }",
    "css-at-media-orientation": "@media (orientation: portrait) { a { left: 0 } }",
    "css-at-media-prefers-color-scheme": "@media (prefers-color-scheme: dark) { a { left: 0 } }",
    "css-at-media-prefers-reduced-motion": "@media (prefers-reduced-motion) { a { left: 0 } }",
    "css-at-supports": "@supports (display: grid) { a { left: 0 } }",
    "css-block-inline-size": "a { block-size: 1px }",
    "css-border-inline-block": "a { border-inline: 0 }",
    "css-border-inline-block-individual": "a { border-block-start: 0 }",
    "css-border-inline-block-longhand": "a { border-block-start-width: 0 }",
    "css-border-radius-logical": "a { border-start-end-radius: 1px }",
    "css-column-layout-properties": "a { column-rule: 0 }",
    "css-comments": "/* a */",
    "css-conic-gradient": "a { background: conic-gradient(red, blue) }",
    "css-display-flex": "a { display: inline-flex }",
    "css-display-grid": "a { display: grid }",
    "css-display-none": "a { display: none }",
    "css-function-clamp": "a { width: clamp(1px, 2px, 3px) }",
    "css-function-light-dark": "a { color: light-dark(red, blue) }",
    "css-function-max": "a { width: max(1px, 2px) }",
    "css-function-min": "a { width: min(1px, 2px) }",
    "css-grid-template": "a { grid-template-areas: 'a' }",
    "css-important": "a { left: 0 ! important }",
    "css-inert-attribute": "<p inert>",
    "css-intrinsic-size": "a { width: fit-content }",
    "css-left-right-top-bottom": "a { left: 0 }",
    "css-linear-gradient": "a { background: repeating-linear-gradient(red, blue) }",
    "css-list-style-image": "a { list-style: url(a.png) }",
    "css-margin-block-start-end": "a { margin-block-end: 0 }",
    "css-margin-inline-block": "a { margin-block: 0 }",
    "css-margin-inline-start-end": "a { margin-inline-end: 0 }",
    "css-modern-color": "a { color: oklch(50% 0.1 20) }",
    "css-nesting": "a { &:hover { left: 0 } }",
    "css-padding-block-start-end": "a { padding-block-end: 0 }",
    "css-padding-inline-block": "a { padding-block: 0 }",
    "css-padding-inline-start-end": "a { padding-inline-end: 0 }",
    "css-radial-gradient": "a { background-image: radial-gradient(red, blue) }",
    "css-rgb": "a { color: rgb(0, 0, 0) }",
    "css-rgba": "a { color: rgba(0, 0, 0, 0.5) }",
    "css-scroll-snap": "a { scroll-snap-type: x }",
    "css-selector-adjacent-sibling": "u + .body { left: 0 }",
    "css-selector-attribute": "[data-ogsc] a { left: 0 }",
    "css-selector-chaining": ".a.b { left: 0 }",
    "css-selector-child": "a > b { left: 0 }",
    "css-selector-class": ".a { left: 0 }",
    "css-selector-descendant": "a b { left: 0 }",
    "css-selector-general-sibling": "a ~ b { left: 0 }",
    "css-selector-grouping": "a, b { left: 0 }",
    "css-selector-id": "#a { left: 0 }",
    "css-selector-type": "a { left: 0 }",
    "css-selector-universal": "* { left: 0 }",
    "css-sytem-ui": "a { font-family: system-ui }",
    "css-unit-calc": "a { width: calc(1px + 2px) }",
    "css-unit-initial": "a { left: initial }",
    "css-unit-percent": "a { left: 5% }",
    "css-variables": "a { left: var(--a) }",
    "html-anchor-links": "<a href='#a'>",
    "html-h1-h6": "<h4>a</h4>",
    "html-image-maps": "<img usemap='#a'>",
    "html-lists": "<ol><li>a</li></ol>",
    "html-loading-attribute": "<img loading=lazy>",
    "html-mailto-links": "<a href='mailto:a@example.org'>a</a>",
    "html-meta-color-scheme": "<meta name=color-scheme content=dark>",
    "html-semantics": "<main>a</main>",
    "html-doctype": "<!DOCTYPE html><p>a</p>",
    "html-comments": "<p><!-- a --></p>",
    "html-input-checkbox": "<input type=checkbox>",
    "image-base64": "<img src='data:image/png;base64,AA'>",
    "image-heif": "<img src=a.heic>",
    "image-tiff": "<img src='https://example.org/a.tiff?b=c'>",
}


def _line(feature: str) -> str:
    """How a feature is written: as ``WRITTEN`` says, or after its name."""
    kind, _dash, name = feature.partition("-")
    attributes = ("align", "background", "cellpadding", "cellspacing", "dir", "height", "hidden", "lang", "popover",
                  "required", "role", "srcset", "target", "valign", "width")  # fmt: skip
    if feature in WRITTEN:
        return WRITTEN[feature]
    if kind == "image":
        return f"<img src='https://example.org/a.{name}'>"
    if kind == "html" and (name.startswith("aria-") or name in attributes):
        return f"<p {name}=a>b</p>"
    if kind == "html" and name.startswith(("input-", "button-")):
        element, _dash, form = name.partition("-")
        return f"<{element} type={form}>"
    if kind == "html":
        return f"<{name}>a</{name}>"
    if name.startswith("pseudo-class-"):
        return f"a:{name.removeprefix('pseudo-class-')} {{ left: 0 }}"
    if name.startswith("pseudo-element-"):
        return f"a::{name.removeprefix('pseudo-element-')} {{ left: 0 }}"
    if name.startswith("unit-"):
        return f"a {{ left: -1.5{name.removeprefix('unit-')} }}"
    return f"a {{ {name}: 1px }}"


def _uses(line: str) -> dict[str, str]:
    if "{" in line or line.startswith(("@", "/*")):
        return stylesheets.features(line)
    return markup.features(lxml_html.document_fromstring(line))


@pytest.mark.parametrize("feature", sorted({*support().features} - {*NOT_READ}))
def test_every_feature_is_found_where_it_is_used(feature: str) -> None:
    assert feature in _uses(_line(feature))


def test_what_is_not_read_is_part_of_the_data() -> None:
    assert {*NOT_READ} | {*WRITTEN} <= {*support().features}


def test_a_line_uses_nothing_else() -> None:
    assert {*stylesheets.features("a { color: red }")} == {"css-color", "css-selector-type"}
    assert {*stylesheets.features("p:not(.a, .b)::before { left: 0 }")} == {
        "css-selector-type",
        "css-pseudo-class-not",
        "css-selector-class",
        "css-pseudo-element-before",
        "css-left-right-top-bottom",
    }
    assert {*stylesheets.features("background:url('a;b{c}.png');content:'} @import x'")} == {
        "css-background",
        "css-background-image",
        "css-content",
    }
    for_outlook = lxml_html.document_fromstring("<p>a<!--[if mso]><video></video><![endif]--></p>")
    assert {*markup.features(for_outlook)} == {"html-comments", "html-html", "html-body", "html-p"}


@pytest.mark.parametrize("wrong", ["", "}", "a {", "{", "@media", "a { b", "a { : ; ;; }", "(((", "a:::b{}", "[", "'"])
def test_a_broken_sheet_is_read_to_its_end(wrong: str) -> None:
    assert "css-gap" in stylesheets.features(f"a {{ gap: 1px }} {wrong}")


def test_the_data_speak_of_every_client_and_say_when() -> None:
    known = support()
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", known.date)
    assert {client.partition("/")[0] for client in known.clients} == {*CLIENTS.values()}
    assert len(known.features) > 300
    # Some that anybody can look up.
    assert set(known.features["html-style"].without) >= {"SFR/desktop-webmail", "La Poste/desktop-webmail"}
    assert "Gmail/desktop-webmail" not in known.features["html-style"].without
    assert known.features["css-margin"].without == ()
    licence = (BASELINE.parent / "LICENSE").read_text(encoding="utf-8")
    assert licence.startswith("MIT License")
    assert "HTeuMeuLeu" in licence


def test_trimming_keeps_the_newest_version_of_our_clients() -> None:
    stats = {
        "sfr": {"ios": {"2019": "y", "2021": "n #1"}},
        "aol": {"ios": {"2019": "n"}},
        "gmail": {"ios": {"2019": "a #2"}, "android": {}},
    }
    made = trimmed({"last_update_date": "2026-05-13 14:45", "data": [{"slug": "a", "title": "A", "stats": stats}]})
    assert made == {"date": "2026-05-13", "clients": ["SFR/ios", "Gmail/android", "Gmail/ios"],
                    "features": {"a": ["A", "n-a"]}}  # fmt: skip


def test_clients_are_named_by_family_where_all_of_it_is_meant() -> None:
    orange = tuple(client for client in support().clients if client.startswith("Orange/"))
    assert names((*orange, "SFR/ios", "Outlook/windows", "Gmail/mobile-webmail")) == (
        "Orange, SFR (iOS), Outlook (Windows), Gmail (webmail on a telephone)"
    )


@pytest.mark.slow
def test_the_baseline_is_what_the_templates_use_and_says_why(tmp_path: Path) -> None:
    recorded = json.loads(BASELINE.read_text(encoding="utf-8"))
    found = {part: list(features) for part, features in measured(tmp_path).items()}
    written = {part: sorted(features) for part, features in recorded.items()}
    assert written == found, "python -m tests.proofreading.support.write_baseline writes it again"
    assert not [feature for feature, reason in baseline().items() if not reason.strip()]


@pytest.mark.parametrize("letter", LETTERS)
def test_a_sample_letter_uses_nothing_outside_the_baseline(letter: str) -> None:
    document = lxml_html.document_fromstring(rendered(letter).html)
    assert [*clients.findings([document], SOURCE)] == []
    assert clients.unsupported([document]), "the letter was read"


@pytest.mark.parametrize(
    ("planted", "title"),
    [
        ("<style>.a { display: grid }</style>", "display:grid"),
        ("<p style='gap:8px'>a</p>", "gap"),
        ("<p style='position:absolute'>a</p>", "position"),
        ("<p style='background-image:url(a.png)'>a</p>", "background-image"),
        ("<style>@import url(a.css);</style>", "@import"),
        ("<style>@font-face { font-family: A }</style>", "@font-face"),
        ("<style>a { color: var(--a) }</style>", "CSS Variables"),
        ("<img src='a.svg' alt=''>", "SVG image format"),
        ("<img src='a.webp' alt=''>", "WebP image format"),
        ("<video src='a.mp4'></video>", "<video> element"),
        ("<form><input type='text'></form>", "<form> element"),
    ],
)
def test_a_planted_feature_is_reported_once_with_its_clients(planted: str, title: str) -> None:
    html = rendered(LETTERS[0]).html.replace("</body>", planted * 2 + "</body>")
    assert planted in html
    found = [*clients.findings([lxml_html.document_fromstring(html)] * 2, SOURCE)]
    (about,) = [finding for finding in found if title.casefold() in finding.message.casefold()]
    assert about.code == "unsupported"
    assert about.severity == "warning"
    assert "Outlook (" in about.message or "Gmail" in about.message
    assert about.place.line == 1

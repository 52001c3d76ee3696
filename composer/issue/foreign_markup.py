"""Marks of other products that mean nothing here: LaTeX, a wiki, Textile, a forum, a CMS, a mailing tool, a chat.

Each form is a pattern with what is typed in its place. They are looked for in a sentence as typed, but for its code: a
``\\(`` of LaTeX, which would lose its backslash and keep its parenthesis, is none in a sentence as printed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote

from composer.issue.hint import Hint
from composer.locale import gettext as _
from composer.source.late_pattern import late

#: A sentence without any of these holds no form.
HINT = Hint(
    form=late(
        r"`_|!\[|[=%][C-Fc-f]|<[?%]|\^\[|\[-?@|[\\$~{}%|]|->|<[dei]|''|’’|[ʼ＇′]|``|<<|,,|\[[a-z/\[]|\+\+|\^\^"
        r"|:[a-zà-ÿ+_`]|\":http|\.\. |==|\[TOC|!!!|##\w|@@|[hH][1-6]\. |bq\. |\*\[|https?://[^\s\[]{1,500}\["
    ),
    first=late(
        r"[\\$~{}%|ʼ＇′=<^\[:+`hH](?:(?<=[\\$~{}%|ʼ＇′])|(?<==)[C-Fc-f=]|(?<=<)[?%dei<]|(?<=\^)[\[^]|(?<=[!*]\[)"
        r"|(?<=\[)[-@a-zT/\[]|(?<=[^\s\[]\[)|(?<=:)[a-zà-ÿ+_`]|(?<=\+)\+|(?<=`)[`_]|(?<=[hH])[1-6]\. )"
    ),
    words=("->", "''", "’’", ",,", ".. ", "!!!", "bq. ", "##", "@@"),
)

#: Code, where every sign is meant; and addresses, with signs of their own.
_CODE = late(r"(?<!`)(`{1,3})(?!`)[^\n]{1,1000}?(?<!`)\1(?!`)")
_MASK = late("\ue000+")
_ADDRESS = late(r"(?:https?|mailto|ftp|file):[^\s<>\"\[\]]{1,1000}|\]\([^()\s]{1,500}\)")

MarkKind = Literal["marks", "field", "command"]


@dataclass(frozen=True)
class Foreign:
    """A form found: what is typed in its place is ``better``; None where that is not known."""

    kind: MarkKind
    start: int
    written: str
    better: str | None


#: In place of what is typed instead: the match is no form.
_NO_FORM = "\0"

_Better = Callable[[re.Match[str]], str | None]
_Form = tuple[re.Pattern[str], MarkKind, _Better]

_ABOVE = str.maketrans("0123456789+-n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿ")
_BELOW = str.maketrans("0123456789+-", "₀₁₂₃₄₅₆₇₈₉₊₋")
_POWER = late(r"\^\{?([0-9+-]{1,4}|n)\}?")
_INDEX = late(r"_\{?([0-9+-]{1,4})\}?")
#: What is left of LaTeX in a formula that no words can say.
_UNSAID = late(r"[\\^_{}$]")

#: Commands of LaTeX that have words here.
_COMMANDS = {
    "textbf": "**{}**", "emph": "*{}*", "textit": "*{}*", "enquote": '"{}"', "section": "{}", "subsection": "{}",
    "underline": "{}", "mbox": "{}", "text": "{}", "textsc": "{}",
}  # fmt: skip
_SIGNS = {"ldots": "…", "dots": "…", "euro": "€", "og": "«", "fg": "»", "LaTeX": "LaTeX", "TeX": "TeX", "oe": "œ"}

#: Signs that LaTeX names.
_LETTERS = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "Delta": "Δ", "epsilon": "ε", "theta": "θ", "lambda": "λ",
    "mu": "μ", "pi": "π", "sigma": "σ", "Sigma": "Σ", "phi": "φ", "omega": "ω", "Omega": "Ω", "times": "×", "cdot": "·",
    "leq": "≤", "geq": "≥", "neq": "≠", "approx": "≈", "infty": "∞", "pm": "±", "rightarrow": "→",
}  # fmt: skip

#: What is in a formula, or is one, and in no sentence between such marks.
_FORMULA = late(r"[\\^_={}+*/<>-]")
_SEVERAL = late(r"\w [^\W\d_]|[À-ÿ]")
_DOLLARED = late(r"[\\^_={}<>]")
_VARIABLE = late(r"[^\W\d_]")
#: Attributes after words: ``{.class}``, ``{width=50%}``.
_ATTRIBUTES = r"\{(?:[.:][\w-]{1,40}|[\w-]{1,30}=[^{}\n\s]{1,60})(?: [^{}\n]{1,100})?\}"

#: Words between the brackets of a forum or of a CMS that open something.
_SHORTCODES = (
    r"(?:b|i|u|s|url|img|quote|code|color|size|list|center|left|right|font|email|spoiler|caption|gallery|embed|video|audio"
    r"|playlist|button|row|col|column|columns|divider|spacer|vc_[a-z_]{1,30}|et_pb_[a-z_]{1,30}|contact-form-7|toc)"
)
_EMPHASES = {"b": "**", "i": "*"}


def _words(match: re.Match[str]) -> str | None:
    return match["words"]


def _nothing(match: re.Match[str]) -> str | None:
    return ""


def _unknown(match: re.Match[str]) -> str | None:
    return None


def _around(before: str, after: str = "") -> _Better:
    return lambda match: f"{before}{match['words'].strip()}{after or before}".rstrip(" ")


def _formula(match: re.Match[str]) -> str | None:
    """A formula of LaTeX in ordinary signs; None where it has none. Words between its marks are no formula."""
    signs = _DOLLARED if match[0][0] == "$" else _FORMULA
    if not signs.search(match["words"]) and not _VARIABLE.fullmatch(match["words"].strip()):
        return _NO_FORM
    words = _POWER.sub(lambda power: power[1].translate(_ABOVE), match["words"].strip())
    words = _INDEX.sub(lambda index: index[1].translate(_BELOW), words)
    words = words.replace(r"\times", "×").replace(r"\cdot", "·").replace(r"\,", " ").replace(r"\%", "%")
    return None if _UNSAID.search(words) else words.replace("*", r"\*")


def _command(match: re.Match[str]) -> str | None:
    name = match["name"]
    if match["words"] is None or not match["words"].strip():
        return _SIGNS.get(name)
    return _COMMANDS[name].format(match["words"].strip()) if name in _COMMANDS else None


def _wiki(match: re.Match[str]) -> str | None:
    return None if match["picture"] else (match["words"] or match["page"]).strip()


def _shortcode(match: re.Match[str]) -> str | None:
    name, words = match["name"].lower(), (match["words"] or "").strip()
    if name in _EMPHASES:
        return f"{_EMPHASES[name]}{words}{_EMPHASES[name]}"
    if name == "url":
        address = (match["value"] or words).strip("\"'=")
        return f"[{words}]({address})" if match["value"] else f"<{words}>"
    return f'"{words}"' if name == "quote" else words if name in ("u", "s", "color", "size", "center", "font") else None


def _spip(match: re.Match[str]) -> str | None:
    """Bold of SPIP; a single word without accent is rather another program's field."""
    return f"**{match['words'].strip()}**" if _SEVERAL.search(match["words"]) else _NO_FORM


def _decoded(match: re.Match[str]) -> str | None:
    """The letters that ``=C3=A9`` or ``%C3%A9`` stand for."""
    return unquote(match[0].replace("=", "%"), errors="ignore") or None


def _link(match: re.Match[str]) -> str | None:
    return f"[{match['words'].strip()}]({match['address']})"


#: Those that hold a backtick or an address, which the others do not look into. Of two that overlap, the first counts.
_TYPED: tuple[_Form, ...] = (
    (late(r"`(?P<words>[^`<>\n]{1,300}?) ?<(?P<address>https?://[^`<>\s]{1,500})>`__?"), "marks", _link),
    (late(r"(?<![\w:`]):(?P<name>[a-z]{2,20}):`(?=[^\s,`])(?P<words>[^`\n]{1,200})(?<=\S)`"), "marks", _words),
    (late(r"``(?=[^\s`])(?P<words>[^`\n]{1,500}?)''"), "marks", _around('"')),
)
_ADDRESSED: tuple[_Form, ...] = (
    (
        late(r"\[(?P<words>[^\[\]\n]{1,300}?)->(?P<address>https?://[^\s\[\]]{1,500})\]"),
        "marks",
        _link,
    ),
    (late(r"\[[^\[\]\n]{0,200}->[\w.-]{1,60}\]|<(?:doc|img|emb)\d{1,6}(?:\|\w{1,20})?>"), "marks", _unknown),
    (
        late(
            rf"\[(?P<name>{_SHORTCODES})(?:=(?P<value>[^\[\]\n]{{1,300}})| [^\[\]\n]{{1,300}})?\]"
            r"(?P<words>[^\[\]\n]{0,1000})\[/(?P=name)\]",
            re.IGNORECASE,
        ),
        "marks",
        _shortcode,
    ),
    (
        late(r"[\"“«] ?(?P<words>[^\"“”«»\n]{1,200}?) ?[\"”»]:(?P<address>https?://[^\s\"«»<>]{1,500}[\w/])"),
        "marks",
        _link,
    ),
    (
        late(r"(?<![(\w])(?:link:)?(?P<address>https?://[^\s\[\]()<>]{1,500})\[(?P<words>[^\[\]\n]{1,300})\](?!\()"),
        "marks",
        _link,
    ),
)
_FORMS: tuple[_Form, ...] = (
    # A message, an address or a program, before they are decoded
    (late(r"(?:[=%][C-Fc-f][0-9A-Fa-f][=%][89ABab][0-9A-Fa-f]){1,100}"), "marks", _decoded),
    (late(r"\\u(?P<code>[0-9a-fA-F]{4})"), "marks", lambda match: chr(int(match["code"], 16))),
    (late(r"(?<=[\w.!?…»])(?<![A-Z]:)(?:\\[nrt]){1,4}(?=[A-ZÀ-Þ«“])"), "marks", lambda match: " "),
    (late(r"(?<![\w\\])\\[nt](?=[\s\\]|$)"), "marks", _nothing),
    # ![caption][image1]: Google Docs keeps the picture at the end of its export, under that name
    (late(r"!\[(?P<words>[^\[\]\n]{0,300})\]\[[\w -]{1,60}\]"), "marks", _nothing),
    (late(r"<[?%][^<>\n]{1,300}[?%]>"), "field", _unknown),
    # Notes and references of Pandoc
    (late(r"\^\[(?P<words>[^\[\]\n]{1,300})\]"), "marks", _around(" (", ")")),
    (late(r"\[-?@[\w:-]{1,60}[^\[\]\n]{0,100}\]"), "marks", _unknown),
    # SPIP
    (late(r"^\{\{\{(?P<words>[^{}\n]{1,200})\}\}\}$", re.MULTILINE), "marks", _around("## ", " ")),
    (late(r"\{\{(?P<words>[^{}\n.#/|_<>%]{1,300})\}\}"), "marks", _spip),
    # A page's generator, a mailing tool
    (
        late(r"\{[%#<][^{}\n]{1,300}[%#>]\}|\{\{[^{}\n]{1,300}\}\}|\*?\|[A-Z][A-Z0-9_:]{1,40}\|\*?"),
        "field",
        _unknown,
    ),
    (
        late(
            r"%%[\w .:-]{1,60}%%|\$\{[\w.]{1,40}\}|(?<![\w{\\}])\{[a-zà-ÿ_]{2,30}(?:\|[^{}\n]{0,40})?\}(?![\w{}])"
            r"|(?<![\w%])%(?:[A-Z][A-Z0-9_]{2,30}|recipient\.\w{1,30})%(?!\w)|##[A-Za-z_.]{2,30}##|@@[A-Za-z_.]{2,30}@@"
        ),
        "field",
        _unknown,
    ),
    (late(rf"(?<=\S) ?{_ATTRIBUTES}|^{_ATTRIBUTES}$", re.MULTILINE), "marks", _nothing),
    # A CMS
    (
        late(
            r"\[[a-z][\w-]{1,30} (?:[\w-]{1,30}=[\"“”″'][^\[\]\n]{0,300})\]|\[/[a-zA-Z][\w-]{0,30}\]"
            r"|\[(?P<name>[a-z][\w-]{1,30})\](?=[^\n]{0,1000}\[/(?P=name)\])"
        ),
        "marks",
        _unknown,
    ),
    (
        late(
            rf"^\[(?:gallery|toc|playlist|caption)\]$|\[{_SHORTCODES} [\w-]{{1,30}}=[^\[\]\n]{{1,300}}\](?![(:])",
            re.MULTILINE | re.IGNORECASE,
        ),
        "marks",
        _unknown,
    ),
    # LaTeX
    (late(r"(?<![\w$\\])\$\$(?P<words>[^$\n]{1,300})\$\$(?![\w$])"), "marks", _formula),
    (
        late(r"(?<![\w$\\])\$(?=[^\s$])(?P<words>[^$\n]{1,300})(?<=\S)\$(?![\w$])"),
        "marks",
        _formula,
    ),
    (late(r"\\\((?P<words>[^\n]{1,300}?)\\\)"), "marks", _formula),
    (late(r"\\\[(?P<words>[^\n]{1,300}?)\\\]"), "marks", _formula),
    (late(r"\\(?P<name>og|fg|ldots|dots|euro)(?P<words>)(?:\{\}|(?![a-zA-Z]))"), "command", _command),
    (
        late(rf"(?<![\w:\\])\\(?P<name>{'|'.join(_LETTERS)})(?![a-zA-Z{{\\])"),
        "command",
        lambda match: _LETTERS[match["name"]],
    ),
    (late(r"(?<=[\w)])\^\{(?P<words>[0-9+-]{1,4}|n)\}"), "marks", lambda match: match["words"].translate(_ABOVE)),
    (late(r"\\(?P<name>[a-zA-Z]{2,20})\{(?P<words>[^{}\n]{0,300})\}"), "command", _command),
    (late(r"(?<=[\w)%»”])\\[,;:](?=[\w%€$«\\])"), "command", lambda match: " "),
    (late(r"(?<=\w)~(?P<words>[\w+-]{1,12})~(?!~)"), "marks", lambda match: match["words"].translate(_BELOW)),
    (
        late(
            r"(?<=[^\W\d_]{2})~(?=\w)|(?<=[^\W\d_])~(?=[^\W\d_]{2}|\d)|(?<=\d)~(?=[^\W\d_]|[%€\\])|(?<=[^\W\d_]\.)~(?=\w)"
        ),
        "marks",
        lambda match: " ",
    ),
    # Quotation marks typed low and high
    (
        late(r"(?<![\w,]),,(?=[^\s,])(?P<words>(?:[^,'“”\"\n]|,(?!,)|'(?!')){1,500})(?:''|[“”\"])"),
        "marks",
        _around('"'),
    ),
    # A wiki, and what a value between single quotes leaves
    (late(r"'''(?=\S)(?P<words>[^'\n](?:[^'\n]|'(?!'')){0,300})'''"), "marks", _around("**")),
    (late(r"(?<!['\w])''(?=[^\s'])(?P<words>(?:[^'\n]|'(?!')){1,300})(?<=\S)''(?!['\w])"), "marks", _around('"')),
    (late(r"(?<=\w)''(?=\w)"), "marks", lambda match: "'"),
    # An apostrophe doubled, or another alphabet's, after a word that loses its vowel
    (
        late(r"(?<=[^\W\d_])’’(?=[^\W\d_])|(?:(?<=\b[cdjlmnstCDJLMNST])|(?<=\b[Qq]u))[ʼ＇′](?=[^\W\d_])"),
        "marks",
        lambda match: "’",
    ),
    (
        late(r"(?P<picture>!)?\[\[(?!https?:|\ue000)(?P<page>[^\[\]|\n]{1,200})(?:\|(?P<words>[^\[\]\n]{1,300}))?\]\]"),
        "marks",
        _wiki,
    ),
    (late(r"^==(?!=) *(?P<words>[^=\n]{1,200}?) *==$", re.MULTILINE), "marks", _around("## ", " ")),
    # Textile, reStructuredText, MkDocs
    (late(r"^h[1-6]\. (?P<words>[^\n]{1,200})$", re.MULTILINE), "marks", _around("## ", " ")),
    (late(r"^bq\. (?P<words>[^\n]{1,1000})$", re.MULTILINE), "marks", _around("> ", " ")),
    (
        late(r"^(?:\.\. [a-z-]{2,20}::|[!?]{3}\+? [a-z]{2,20}\b|\*\[[^\[\]\n]{1,40}\]:)", re.MULTILINE),
        "marks",
        _unknown,
    ),
    # Quotation marks typed with other signs
    (late(r"(?<![\w<])<<(?!<) ?(?P<words>[^<>\n]{1,500}?) ?>>(?!>)"), "marks", _around("« ", " »")),
    # A chat, a notebook
    (late(r"(?<![\w~])~(?=[^\W\d])(?P<words>[^~\n]{1,300})(?<=[\w.!?…»”])~(?![\w~])"), "marks", _words),
    (late(r"(?<![\w|])\|\|(?=[^\s|])(?P<words>[^|\n]{2,300})(?<=\S)\|\|(?![\w|])"), "marks", _words),
    (late(r"(?<![\w+])\+\+(?=[^\W\d_]{2})(?P<words>[^+\n]{1,300})(?<=\S)\+\+(?![\w+])"), "marks", _words),
    (late(r"(?<![\w^])\^\^(?=\w)(?P<words>[^^\n]{1,300})(?<=\S)\^\^(?![\w^])"), "marks", _words),
    (
        late(
            r"(?<![\w:/]):(?!(?:public|audience|acces|access|amorce|teaser):)(?:[a-zà-ÿ][a-zà-ÿ0-9_+-]{1,30}|[+-]1):(?![\w:/])"
        ),
        "marks",
        _unknown,
    ),
)


def found_in(typed: str) -> Iterator[Foreign]:
    """The forms of ``typed``, a paragraph, that do not overlap."""
    if not HINT.found_in(typed):
        return
    uncoded = _CODE.sub(_masked, typed)
    texts = (typed, _TYPED), (uncoded, _ADDRESSED), (_ADDRESS.sub(_masked, uncoded), _FORMS)
    taken: list[tuple[int, int]] = []
    for text, forms in texts:
        for form, kind, better in forms:
            for match in form.finditer(text):
                start, end = match.span()
                if any(start < last and first < end for first, last in taken):
                    continue
                instead = better(match)
                if instead == _NO_FORM:
                    continue
                taken.append((start, end))
                instead = _unmasked(instead, text[start:end], typed[start:end])
                yield Foreign(kind, start, typed[start:end], instead)


def _masked(match: re.Match[str]) -> str:
    return "\ue000" * len(match[0])


def _unmasked(better: str | None, masked: str, typed: str) -> str | None:
    """``better`` with the code and the addresses that were hidden from its form."""
    if better is None or "\ue000" not in better:
        return better
    hidden = [typed[run.start() : run.end()] for run in _MASK.finditer(masked)]
    if len(_MASK.findall(better)) != len(hidden):
        return None
    return _MASK.sub(lambda _run: hidden.pop(0), better)


def said(form: Foreign) -> str:
    """The message about ``form``."""
    match form.kind:
        case "field":
            return _("“{words}” is filled in by another program: here it would be printed as it stands")
        case "command":
            return _("“{words}” is LaTeX, and would be printed as it stands")
        case _:
            return _("“{words}” is a mark of another program, and would be printed as it stands")

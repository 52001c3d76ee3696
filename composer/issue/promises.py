"""Detect text announced as reserved for paying readers but sent to all: a cut that was meant and is missing.

A text that was sent cannot be taken back, so these are errors, and ``ignore:`` does not apply.
"""

from __future__ import annotations

from collections.abc import Iterator

from composer.errors import FiligraneError
from composer.issue.announced import announced
from composer.issue.block import Block
from composer.issue.blocks.article import Article, locked
from composer.issue.blocks.teasers import Teasers
from composer.issue.body import Body
from composer.issue.model import Front, Issue
from composer.locale import gettext as _
from composer.newsroom.model import Newsroom
from composer.source.document import Loc
from composer.source.finding import Finding, Severity
from composer.source.late_pattern import late
from composer.source.load import load
from composer.source.paths import inside
from composer.source.vocabulary import find_key, find_value, key_name, value_name

#: A key of an article indented too far, and so part of its text: ``acces: payant`` among the paragraphs.
_KEY = late(r"[ \t]*:?(?P<key>[^\W\d_A-Z]{5,8})[ \t]*:[ \t]+(?P<value>\S.*)")


def check(issue: Issue, newsroom: Newsroom) -> Iterator[Finding]:
    """The findings on ``issue``, at the lines that announce reserved text."""
    for number, block in enumerate(issue.front.blocks):
        if block.audience == "paid" or isinstance(block, Teasers):
            continue
        loc: Loc = ("blocks", number)
        yield from announced(issue, newsroom, number, block)
        if isinstance(block, Article):
            yield from _teaser(issue, newsroom, block, loc)
        yield from _swallowed(issue, newsroom, block, loc)
    yield from _unlike_original(issue, newsroom)


def _teaser(issue: Issue, newsroom: Newsroom, block: Article, loc: Loc) -> Iterator[Finding]:
    if block.teaser is None or locked(block, "free"):
        return
    message = _(
        "“{teaser}:” promises a cut and there is none: free readers would get the whole text. Write a line === in it, "
        "where they stop; or {access}, and they get only the {teaser}"
    )
    keys = newsroom.settings.keys
    access = f"{key_name('access', keys)}: {value_name('paid', keys)}"
    message = message.format(teaser=key_name("teaser", keys), access=access)
    yield issue.source.finding("teaser-without-cut", message, (*loc, "teaser"))


def _swallowed(issue: Issue, newsroom: Newsroom, block: Block, loc: Loc) -> Iterator[Finding]:
    text = getattr(block, "body", None)
    if not isinstance(text, Body) or (isinstance(block, Article) and locked(block, "free")):
        return
    above = ""
    for line, written in enumerate(text.source.split("\n")):
        is_option = written.startswith(":") and above.startswith(":")  # of the box that begins above it
        above, match = written, None if is_option else _KEY.fullmatch(written)
        key = find_key(match["key"], ("access", "audience", "teaser")) if match else None
        if match is None or key is None or (key != "teaser" and find_value(match["value"].strip(), ("paid",)) is None):
            continue
        message = _("“{key}:” is a line of the text here, and cuts nothing: put it at the height of “{body}:”")
        message = message.format(key=match["key"], body=key_name("body", newsroom.settings.keys))
        yield issue.source.finding("key-in-text", message, (*loc, "body"), line=line)


def _unlike_original(issue: Issue, newsroom: Newsroom) -> Iterator[Finding]:
    """Report an article that free readers get whole although its original is cut or paid for."""
    original = issue.front.translation_of
    if original is None:
        return
    try:
        path = inside(newsroom.root, (newsroom.root / issue.source.file).parent, original)
        front = load(path, Front, root=newsroom.root).value
    except FiligraneError:
        return  # reported where the name is checked
    if front is None:
        return  # its mistakes are reported when it is checked itself
    ours, theirs = _articles(issue.front), _articles(front)
    named = {block.id: block for _number, block in theirs if block.id}
    for index, (number, block) in enumerate(ours):
        twin = named.get(block.id or "") or (theirs[index][1] if len(ours) == len(theirs) else None)
        if twin is not None and _is_kept(twin) and not _is_kept(block):
            message = _("free readers get only a part of this article in {file}, and would get the whole of it here")
            loc: Loc = ("blocks", number, "headline")
            shown = message.format(file=original)
            yield issue.source.finding("unlike-original", shown, loc, severity=Severity.WARNING)


def _articles(front: Front) -> list[tuple[int, Article]]:
    return [(number, block) for number, block in enumerate(front.blocks) if isinstance(block, Article)]


def _is_kept(article: Article) -> bool:
    return article.audience == "paid" or locked(article, "free")

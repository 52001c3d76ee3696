"""Pictures: their files, and their credit as it is printed."""

from __future__ import annotations

from pathlib import Path

from composer.errors import Refused
from composer.issue.blocks import Credit, Figure
from composer.issue.context import Context
from composer.issue.resolved import ResolvedFigure
from composer.source.document import Loc
from composer.source.paths import FileMissing, OutsideNewsroom, inside


def picture(context: Context, name: str, folder: Path, loc: Loc, line: int = 0) -> Path | None:
    """The file ``name`` in ``folder``; None, and a finding, where it is missing or outside the newsroom."""
    try:
        return inside(context.newsroom.root, folder, name)
    except Refused as refusal:
        code = refusal.code if isinstance(refusal, (FileMissing, OutsideNewsroom)) else "bad-file"
        context.add(code, str(refusal), loc, line)
        return None


def figure(context: Context, block: Figure, loc: Loc, line: int = 0, *, boxed: bool = False) -> ResolvedFigure | None:
    """``block`` as printed; ``loc`` is its own, or, ``boxed``, that of the body it stands in, at ``line``."""
    path = picture(context, block.src, context.folder, loc if boxed else (*loc, "src"), line)
    dark = None
    if block.dark is not None:
        dark = picture(context, block.dark, context.folder, loc if boxed else (*loc, "dark"), line)
    if path is None:
        return None
    printed = ResolvedFigure(
        path=path,
        alt=block.alt,
        mention="" if context.groups_credits and not block.credit.ai else mention(context, block.credit),
        credit=block.credit,
        caption=context.resolved(block.caption.spans) if block.caption else (),
        link=block.link,
        dark=dark,
    )
    context.figures.append(printed)
    return printed


def mention(context: Context, credit: Credit) -> str:
    """« Photo : X », « Source : X », « Image générée par IA (o3 Pro), X »: the law wants the machine named."""
    parts: list[str] = []
    if credit.photo:
        parts.append(context.say("Photo: {name}").format(name=credit.photo))
    if credit.source:
        parts.append(context.say("Source: {name}").format(name=credit.source))
    if credit.ai:
        parts.append(context.say("AI-generated image ({model})").format(model=credit.ai))
    if credit.by:
        parts.append(credit.by if parts else context.say("Illustration: {name}").format(name=credit.by))
    return ", ".join(parts)


def grouped(context: Context) -> str | None:
    """The credits of every picture of the edition in one line: photographers together, then the others."""
    photos: list[str] = []
    others: list[str] = []
    for each in context.figures:
        only_photo = each.credit.photo and not (each.credit.source or each.credit.ai or each.credit.by)
        name, names = (each.credit.photo or "", photos) if only_photo else (mention(context, each.credit), others)
        if name not in names:
            names.append(name)
    if photos:
        words = "Photo credit: {names}" if len(photos) == 1 else "Photo credits: {names}"
        others.insert(0, context.say(words).format(names=" – ".join(photos)))
    return (context.style.separator or " • ").join(others) or None

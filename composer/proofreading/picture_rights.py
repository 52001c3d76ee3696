"""What the files of pictures say of their rights, against the credits: AI that is not said, rights that are lost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from composer.errors import Refused
from composer.issue.blocks.figure import Figure, described
from composer.issue.marked import Beside, marked
from composer.issue.model import Issue
from composer.locale import gettext as _
from composer.newsroom.model import Newsroom
from composer.proofreading.printed_pictures import Printed, at_picture
from composer.rendering import Rendering, xmp
from composer.source.finding import Finding, Severity
from composer.source.paths import inside
from composer.source.vocabulary import key_name


def findings(
    letters: Sequence[Rendering], issue: Issue, newsroom: Newsroom, pictures: Sequence[Printed]
) -> Iterator[Finding]:
    """An error for each picture with an AI named in its file and not in its credit; a warning for each loss.

    A nameplate has no credit of its own, and gets a warning.
    """
    rights = {path: each for letter in letters for path, each in letter.rights.items()}
    told = described(issue.front)
    folder = (newsroom.root / issue.source.file).parent
    for each in marked(issue.front, Beside):
        if not (each.mark.printed and isinstance(each.owner, Figure)):
            continue
        credit = each.owner.credit or told[each.owner.src].credit
        if credit is None or credit.ai:  # a picture without a credit was reported when the issue was composed
            continue
        try:
            said = rights.get(inside(newsroom.root, folder, each.value))
        except Refused:  # reported when the issue was composed
            continue
        if said is not None and said.ai is not None:
            message = _(
                "the file of picture {name} says that an AI made it, or a part of it ({concept}), and its credit does "
                "not: name the model, {line}"
            )
            line = f"{key_name('ai', newsroom.settings.keys, 'Credit')}: …"
            message = message.format(name=each.value, concept=said.ai, line=line)
            yield issue.source.finding("missing-ai-credit", message, each.loc, line=each.line)
    for path, found in rights.items():
        for loss in found.lost:
            message = _lost(loss, path.name)
            yield at_picture(pictures, path, issue, "picture-rights-lost", message, Severity.WARNING)
    for picture in pictures:
        for path in filter(None, (picture.path, picture.dark)):
            if path in rights and (concept := rights[path].ai) is not None and not picture.is_credited:
                yield _of_the_newsroom(picture, path, concept, newsroom)


def _of_the_newsroom(picture: Printed, path: Path, concept: str, newsroom: Newsroom) -> Finding:
    """On an advertisement's picture, an error; on a nameplate, a warning."""
    severity = Severity.ERROR
    message = _(
        "the file of picture {name} says that an AI made it, or a part of it ({concept}), and the advertisement does "
        "not: name the model, {line}"
    )
    if picture.kind == "nameplate":
        severity = Severity.WARNING
        message = _(
            "the file of the nameplate {name} says that an AI made it, or a part of it ({concept}): the letter does not"
        )
    line = f"{key_name('ai', newsroom.settings.keys, 'Image')}: …"
    message = message.format(name=path.name, concept=concept, line=line)
    return picture.remark_on("missing-ai-credit", message, severity, dark=path != picture.path)


def _lost(loss: xmp.Loss, name: str) -> str:
    match loss:
        case "large":
            message = _("picture {name}: its XMP metadata is too large, and the rights in it are not published")
        case "entities":
            message = _("picture {name}: its XMP metadata declares entities, and the rights in it are not published")
        case "malformed":
            message = _("picture {name}: its XMP metadata is damaged, and the rights in it are not published")
        case "cut":
            message = _("picture {name}: its rights are too long, and are published cut")
    return message.format(name=name)

"""The texts of single messages: ``templates/mail``, in the reader's language, in the house's type and colours."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import structlog
from jinja2 import Environment, select_autoescape

from composer.errors import Refused
from composer.locale import gettext as _
from composer.locale import translate
from composer.message import Template
from composer.message.single import build_single
from composer.newsroom.model import Newsroom, Publication, Theme
from composer.newsroom.palette import palette
from composer.rendering.overrides import has_overrides
from composer.rendering.templates import jinja_for, shipped, write

#: Kind → what it is for. Each has ``templates/mail/<kind>.html.j2`` and ``<kind>.txt.j2``.
MESSAGE_KINDS = {
    "confirm": "asks whether this address asked for letters",
    "already": "says that this address receives what was asked for",
    "choices": "a link to the reader's choices",
    "held": "all that is held about this address",
    "leave-address": "asks at the old address whether letters go to another one",
    "new-address": "asks at the new address whether letters come there",
    "stranger": "says that no reader has this address",
}

_log = structlog.get_logger()


def written_message(
    newsroom: Newsroom, kind: str, publication_id: str, language: str, at: datetime, **values: Any
) -> Template:
    """The message of ``kind``, in the name of the publication, or of the house where ``publication_id`` is empty.

    ``values`` are what its templates print. Texts that strangers typed are not among them: they would reach a mailbox.
    A newsroom's template that fails is replaced by the shipped one, and the log says why, once. Raises ``Refused``
    where no message can be made.
    """
    speaker = _speaker(newsroom, publication_id)
    spoken = speaker.in_language(language)
    of_house = publication_id not in newsroom.publications
    name = newsroom.settings.name if of_house else spoken.from_name or spoken.title
    overridden = has_overrides(newsroom.root, shipped())
    render = partial(_rendered, kind=kind, language=language, theme=speaker.theme, house=newsroom.settings.name)
    try:
        html, text = render(_environment(newsroom.root, overridden), values)
    except Refused as error:
        if not overridden:
            raise
        _not_used(kind, str(error))
        html, text = render(_shipped(), values)
    subject, _line, text = text.partition("\n")
    return build_single(
        subject=subject.strip(),
        from_name=name,
        from_address=speaker.from_,
        reply_to=speaker.reply_to,
        language=language,
        date=at,
        html=html,
        text=text.lstrip("\n"),
    )


def _speaker(newsroom: Newsroom, publication_id: str) -> Publication:
    """The publication that gives the sender's address; for the house it is the first one."""
    if publication_id in newsroom.publications:
        return newsroom.publications[publication_id]
    if not newsroom.publications:
        raise Refused(_("no publication can be read: there is no address to write from"))
    return next(iter(newsroom.publications.values()))


def _rendered(
    jinja: Environment, values: dict[str, Any], *, kind: str, language: str, theme: Theme, house: str
) -> tuple[str, str]:
    context = values | {
        "_": partial(translate, language=language),
        "language": language,
        "colours": palette(theme),
        "house": house,
    }
    html, text = (write(jinja, f"mail/{kind}.{form}.j2", context, kind) for form in ("html", "txt"))
    return html, text


def _escaping(root: Path) -> Environment:
    return jinja_for(root, autoescape=select_autoescape(enabled_extensions=("html.j2",), default=False))


@lru_cache(maxsize=4)
def _environment(root: Path, overridden: bool) -> Environment:
    return _escaping(root)


@lru_cache(maxsize=1)
def _shipped() -> Environment:
    return _escaping(shipped().parent)


@lru_cache(maxsize=64)  # reason: once a process, not once a message
def _not_used(kind: str, why: str) -> None:
    _log.warning("mail-template-not-used", kind=kind, why=why)

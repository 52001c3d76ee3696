"""The legal notice, in lines (LCEN, article 1-1: publisher, director of publication, host)."""

from __future__ import annotations

from collections.abc import Callable

from composer.newsroom.model import Legal


def legal_lines(legal: Legal, word: Callable[[str], str]) -> list[str]:
    """The lines that are given; ``word`` says their words in the letter's language and typography."""

    def phone(number: str | None) -> str | None:
        return number.replace(" ", "\u00a0") if number else None

    host = ", ".join(part for part in (legal.host.name, legal.host.address, phone(legal.host.phone)) if part)
    lines = [
        ", ".join(part for part in (legal.publisher, legal.address) if part),
        " · ".join(part for part in (legal.registration, phone(legal.phone), legal.email) if part),
        word("Publication director: {name}").format(name=legal.director),
        word("Editor in chief: {name}").format(name=legal.editor) if legal.editor else "",
        word("Hosted by {host}").format(host=host),
        legal.press_number or "",
    ]
    return [line for line in lines if line]

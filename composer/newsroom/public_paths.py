"""The paths of the readers' pages, said once, and which doors are open.

Absolute addresses come from ``public_url``, never from a request.
"""

from __future__ import annotations

from composer.newsroom.model import Newsroom, Publication

#: The page where readers join the letters of the house; below it, those of one publication, and their form in a frame.
JOIN = "/join"

#: The same for a script of a site that may post there.
JOIN_JSON = "/join.json"

#: The page of a link that leads out; the token follows. Below it, ``/back`` takes that back and ``/why`` says why.
LEAVE = "/u/"

#: A paying reader's copy of a letter; the token follows.
COPY = "/copy/"

#: The page of a link that confirms; the token follows.
CONFIRM = "/confirm/"

#: The page where readers ask for a link to their choices; below it, that link's token.
CHOICES = "/choices"

#: The page of a link of a change of address; the token follows.
ADDRESS = "/address/"


#: Where an operator of relays reports bounces; its name and the secret of its door follow.
HOOKS = "/hooks/"


def open_letters(newsroom: Newsroom) -> tuple[str, ...]:
    """Publications that readers may join by themselves; one that is sold, once it says where a contract is ended."""
    return tuple(
        name
        for name, each in newsroom.publications.items()
        if each.join is not None and each.join.open and not each.lacks_billing
    )


def shown_publications(newsroom: Newsroom) -> list[Publication]:
    """Publications of which strangers see a page: their letters stand on the web, or a door of theirs is open."""
    doors = newsroom.publications if newsroom.settings.choices else open_letters(newsroom)
    return [each for name, each in newsroom.publications.items() if each.archive is not None or name in doors]


def absolute(newsroom: Newsroom, path: str) -> str:
    """The address at which readers find ``path``."""
    return newsroom.settings.public_url.rstrip("/") + path


def front_door(newsroom: Newsroom) -> str | None:
    """The path of the page where strangers join: the house's, or that of the one letter; None where neither is open."""
    house, letters = newsroom.settings.join, open_letters(newsroom)
    if house is not None and house.open and letters:
        return JOIN
    return join_path(letters[0]) if len(letters) == 1 else None


def join_address(newsroom: Newsroom, publication_id: str, language: str) -> str | None:
    """The address of the form of a publication in ``language``; None where its door is not open."""
    if publication_id not in open_letters(newsroom):
        return None
    asked = "" if newsroom.publications[publication_id].language == language else f"?language={language}"
    return absolute(newsroom, join_path(publication_id)) + asked


def choices_address(newsroom: Newsroom, language: str) -> str | None:
    """The address of the page where readers ask for a link to their choices; None where that door is not open."""
    if not newsroom.settings.choices:
        return None
    asked = "" if newsroom.settings.language == language else f"?language={language}"
    return absolute(newsroom, CHOICES) + asked


def join_path(publication_id: str = "", *, framed: bool = False) -> str:
    """Where readers join a publication; the letters of the house where ``publication_id`` is empty."""
    return f"{JOIN}/{publication_id}{'/form' if framed else ''}" if publication_id else JOIN

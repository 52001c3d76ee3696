"""Secrets and settings of a deployment: the only module that reads environment variables.

============================  =======================================================================================
FILIGRANE_SMTP_PASSWORD       password of the first relay's account; for a named relay, with _<NAME> appended
FILIGRANE_SECRET_KEY          key that signs tokens and return paths, 64 hexadecimal digits
FILIGRANE_FORMER_KEYS         previous secret keys, separated by commas: links already sent go on working
FILIGRANE_DATABASE_URL        SQLAlchemy URL; replaces the newsroom's
FILIGRANE_PAGES_DATABASE_URL  the same database for the readers' pages, in a role that may do nothing else
FILIGRANE_DKIM_KEY            PEM of the DKIM private key; replaces the file ``dkim.key``
XDG_CACHE_HOME                where compiled templates are kept; ``~/.cache`` otherwise
CREDENTIALS_DIRECTORY         folder that systemd fills (``LoadCredential=``): a secret that no variable holds is there,
                              in a file of its name, with or without ``filigrane_`` before it
============================  =======================================================================================
"""

from __future__ import annotations

import os
from pathlib import Path

from composer.errors import OutsideWorld, Refused
from composer.locale import gettext as _
from composer.newsroom.model import Newsroom, Settings
from composer.newsroom.relay import Relay

#: File of the secret key where the environment holds none; var/ is not in git.
SECRET_FILE = "var/secret.key"  # noqa: S105  # reason: the name of a file

#: Variable of the first relay's password, where the relay has no variable of its own.
FIRST_PASSWORD = "FILIGRANE_SMTP_PASSWORD"  # noqa: S105  # reason: the name of a variable

#: Minimum length of a key in bytes; shorter ones could be guessed.
_SHORTEST = 32


def relay_password(settings: Settings, relay: Relay) -> str | None:
    """The password of ``relay``, from its own variable; the first relay's also from ``FILIGRANE_SMTP_PASSWORD``.

    Never that of another relay: a password must not be sent to a server it does not belong to.
    """
    names = (relay.password_variable, FIRST_PASSWORD if relay == settings.relays[0] else "")
    return next((found for name in names if name and (found := _given(name))), None)


def passwords_given(settings: Settings) -> None:
    """Raise ``Refused``, naming the variable, where a relay has an account and no password."""
    for relay in settings.relays:
        if relay.user and relay_password(settings, relay) is None:
            message = _("the relay {relay} has an account and no password: give it in {variable}")
            raise Refused(message.format(relay=relay.key, variable=relay.password_variable or FIRST_PASSWORD))


def secret_key(root: Path) -> bytes:
    """The newsroom's secret key, at least 32 bytes. Raises ``Refused``, with the command that makes one."""
    text = _given("FILIGRANE_SECRET_KEY")
    if not text:
        text = (_read(root / SECRET_FILE) or b"").decode("ascii", "replace").strip()
    make = "mkdir -p var && python3 -c 'import secrets; print(secrets.token_hex(32))'"
    if not text:
        message = _(
            "there is no secret key: letters could not carry a way out. Make one with\n    {make} > {file}\n"
            "or give it in FILIGRANE_SECRET_KEY, and keep it: links already sent depend on it"
        )
        raise Refused(message.format(make=make, file=SECRET_FILE))
    key = _key(text)
    if len(key) < _SHORTEST:
        message = _("the secret key is too short: {shortest} bytes at least. Make one with\n    {make}")
        raise Refused(message.format(shortest=_SHORTEST, make=make))
    return key


def former_keys() -> tuple[bytes, ...]:
    """Secret keys used before the present one: they verify links already sent, and sign nothing any more.

    Raises ``Refused`` for one under 32 bytes.
    """
    texts = _given("FILIGRANE_FORMER_KEYS").split(",")
    keys = tuple(_key(text.strip()) for text in texts if text.strip())
    for position, key in enumerate(keys, 1):
        if len(key) < _SHORTEST:
            message = _(
                "FILIGRANE_FORMER_KEYS: number {position} was no secret key, it is too short. "
                "Give the whole keys of before, 64 hexadecimal digits each, with a comma between them; "
                "or take the variable away"
            )
            raise Refused(message.format(position=position))
    return keys


def database_url(newsroom: Newsroom) -> str:
    """The database of this deployment, as an SQLAlchemy URL."""
    return _given("FILIGRANE_DATABASE_URL") or newsroom.settings.database


def pages_database_url(newsroom: Newsroom) -> str:
    """The same database for the readers' pages: with a role of their own where one is given."""
    return _given("FILIGRANE_PAGES_DATABASE_URL") or database_url(newsroom)


def plain_environment() -> dict[str, str]:
    """The environment for a process that is to hold no secret: where programs, files and the clock's zone are."""
    kept = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "XDG_CACHE_HOME", "PYTHONDONTWRITEBYTECODE")
    return {name: os.environ[name] for name in kept if name in os.environ}


def dkim_key(newsroom: Newsroom) -> bytes | None:
    """The DKIM private key as PEM; None where there is none."""
    pem = _given("FILIGRANE_DKIM_KEY")
    if pem:
        # A variable on one line spells its line breaks \n.
        return pem.replace("\\n", "\n").encode() + b"\n"
    if newsroom.settings.dkim is None:
        return None
    return _read(newsroom.root / newsroom.settings.dkim.key)


def own_cache() -> Path | None:
    """The cache folder of the user account, shared by all newsrooms; None where the account has no home.

    XDG Base Directory Specification, 0.8: a relative path is ignored.
    """
    given = os.environ.get("XDG_CACHE_HOME", "")
    home = os.environ.get("HOME", "")
    folder = Path(given) if Path(given).is_absolute() else Path(home, ".cache")
    return folder / "filigrane" if folder.is_absolute() else None


def _given(name: str) -> str:
    """A secret: the variable ``name``, or else the file of that name in ``CREDENTIALS_DIRECTORY``; empty without."""
    text = os.environ.get(name, "")
    folder = os.environ.get("CREDENTIALS_DIRECTORY", "")
    if not text and folder:
        # systemd puts the ID of a folder of credentials before the names of its files.
        found = (_read(Path(folder, file)) for file in (f"filigrane_{name}", name))
        text = next((content.decode("utf-8", "replace") for content in found if content), "")
    return text.strip()


def _key(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        return text.encode()


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        message = _("{file} cannot be read: {why}").format(file=path.name, why=error.strerror)
        raise OutsideWorld(message) from error

"""Secrets and what a deployment decides: the only place that reads the process's environment.

========================  ===========================================================================
FILIGRANE_SMTP_PASSWORD   password of the first relay's account; of a relay with a name, _<NAME> after it
FILIGRANE_SECRET_KEY      key of every token and return path, 64 hexadecimal digits
FILIGRANE_FORMER_KEYS     secret keys of before, separated by commas: links already sent go on working
FILIGRANE_DATABASE_URL    SQLAlchemy URL, in place of the newsroom's
FILIGRANE_DKIM_KEY        PEM of the DKIM private key, in place of the file ``dkim.key``
XDG_CACHE_HOME            where compiled templates are kept; ``~/.cache`` otherwise
========================  ===========================================================================
"""

from __future__ import annotations

import os
from pathlib import Path

from composer.errors import OutsideWorld, Refused
from composer.locale import gettext as _
from composer.newsroom.model import Newsroom, Settings
from composer.newsroom.relay import Relay

#: A newsroom on one machine may keep its key here; var/ is not in git.
SECRET_FILE = "var/secret.key"  # noqa: S105  # reason: the name of a file

#: The first relay's password is here, where it has no variable of its own.
FIRST_PASSWORD = "FILIGRANE_SMTP_PASSWORD"  # noqa: S105  # reason: the name of a variable

#: Bytes under which a key could be guessed.
_SHORTEST = 32


def relay_password(settings: Settings, relay: Relay) -> str | None:
    """The password of ``relay``: its own variable's; the first relay's also from ``FILIGRANE_SMTP_PASSWORD``.

    Never another relay's: a password must not be shown to a server it is not for.
    """
    names = (relay.password_variable, FIRST_PASSWORD if relay == settings.relays[0] else "")
    return next((found for name in names if name and (found := os.environ.get(name))), None)


def passwords_given(settings: Settings) -> None:
    """Raises ``Refused``, naming the variable, where a relay has an account and its password is not there."""
    for relay in settings.relays:
        if relay.user and relay_password(settings, relay) is None:
            message = _("the relay {relay} has an account and no password: give it in {variable}")
            raise Refused(message.format(relay=relay.key, variable=relay.password_variable or FIRST_PASSWORD))


def secret_key(root: Path) -> bytes:
    """The newsroom's key, at least 32 bytes. Raises ``Refused``, with the way to make one."""
    text = os.environ.get("FILIGRANE_SECRET_KEY", "").strip()
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
    """Secret keys used before the present one: they open links already sent, and sign nothing any more.

    Raises ``Refused`` where one is too short to have been one.
    """
    texts = os.environ.get("FILIGRANE_FORMER_KEYS", "").split(",")
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
    return os.environ.get("FILIGRANE_DATABASE_URL") or newsroom.settings.database


def dkim_key(newsroom: Newsroom) -> bytes | None:
    """The DKIM private key as PEM; None where there is none."""
    pem = os.environ.get("FILIGRANE_DKIM_KEY", "").strip()
    if pem:
        # A one-line variable carries its line breaks as \n.
        return pem.replace("\\n", "\n").encode() + b"\n"
    if newsroom.settings.dkim is None:
        return None
    return _read(newsroom.root / newsroom.settings.dkim.key)


def own_cache() -> Path | None:
    """Where this account keeps what can be made again, outside of every newsroom; None where it has no home.

    After the XDG Base Directory Specification, 0.8: a relative path is none.
    """
    given = os.environ.get("XDG_CACHE_HOME", "")
    home = os.environ.get("HOME", "")
    folder = Path(given) if Path(given).is_absolute() else Path(home, ".cache")
    return folder / "filigrane" if folder.is_absolute() else None


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

"""Secrets and settings of a deployment: the only module that reads environment variables, but the
system's language (``cli.i18n``).

============================  ================================================================================"""

from __future__ import annotations

import os
import re
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from composer.errors import OutsideWorld, Refused
from composer.locale import gettext as _
from composer.locale.os_errors import os_reason
from composer.newsroom.model import Newsroom, Settings
from composer.newsroom.relay import Relay
from composer.newsroom.values import OutgoingUrl

#: File of the secret key where the environment holds none; var/ is not in git.
SECRET_FILE = "var/secret.key"  # noqa: S105  # reason: the name of a file

#: File of the address key, in the same way.
ADDRESS_KEY_FILE = "var/address.key"
ADDRESS_KEY = "FILIGRANE_ADDRESS_KEY"

#: Variable of the first relay's password, where the relay has no variable of its own.
FIRST_PASSWORD = "FILIGRANE_SMTP_PASSWORD"  # noqa: S105  # reason: the name of a variable

#: Variable of the password of the mailbox of ``returns``.
RETURNS_PASSWORD = "FILIGRANE_RETURNS_PASSWORD"  # noqa: S105  # reason: the name of a variable

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


def returns_password() -> str | None:
    """The password of the mailbox that is read for what came back; None where it is not given."""
    return _given(RETURNS_PASSWORD) or None


def returns_environment() -> dict[str, str]:
    """The environment for a process that reads what came back: without passwords of relays and the DKIM key.

    A folder of credentials is passed on as it is.
    """
    names = ("FILIGRANE_SECRET_KEY", "FILIGRANE_FORMER_KEYS", ADDRESS_KEY, "FILIGRANE_DATABASE_URL", RETURNS_PASSWORD)
    given = {
        name: os.environ[name] for name in (*names, "CREDENTIALS_DIRECTORY", "SSL_CERT_FILE") if name in os.environ
    }
    return plain_environment() | given


def secret_key(root: Path) -> bytes:
    """The newsroom's secret key, at least 32 bytes. Raises ``Refused``, with the command that makes one."""
    text = key_in_environment()
    if not text:
        text = (_read(root / SECRET_FILE) or b"").decode("ascii", "replace").strip()
    if not text:
        message = _(
            "there is no secret key: letters could not carry a way out. Where there was one, put it back "
            "(var/secret.key): links already sent depend on it. Else make one with\n    filigrane secret new\n"
            "or give it in FILIGRANE_SECRET_KEY, and keep it"
        )
        raise Refused(message)
    _require_form(text)
    key = _key(text)
    if len(key) < _SHORTEST:
        message = _("the secret key is too short: {shortest} bytes at least. Make one with\n    {make}")
        raise Refused(message.format(shortest=_SHORTEST, make="filigrane secret new --print"))
    return key


def _require_form(text: str) -> None:
    """Raise ``Refused`` for what is no key: hexadecimal digits of which one is missing, or one character repeated."""
    make = "filigrane secret new --print"
    if len(set(text)) == 1:
        raise Refused(_("the secret key is one character repeated: make one with\n    {make}").format(make=make))
    if len(text) % 2 and len(text) >= _SHORTEST and set(text.lower()) <= set("0123456789abcdef"):
        message = _(
            "the secret key has {found} hexadecimal digits, an odd number: it was not pasted whole. Put the whole one; "
            "if letters left with this one, make another with\n    {make}\nand keep this one in FILIGRANE_FORMER_KEYS"
        )
        raise Refused(message.format(found=len(text), make=make))


def key_in_environment() -> str:
    """The text of ``FILIGRANE_SECRET_KEY``; empty where the key is in its file, or nowhere."""
    return _given("FILIGRANE_SECRET_KEY").strip()


def keys_in_environment() -> tuple[bytes, ...]:
    """The secret key, where the environment gives it, and the former ones. Raises as ``former_keys``."""
    text = key_in_environment()
    return (*((_key(text),) if text else ()), *former_keys())


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


def address_key(root: Path) -> bytes | None:
    """The key of the newsroom's addresses, 32 bytes (``composer.subscribers.address_key``); None where there is none.

    Raises ``Refused`` for what is no such key, ``OutsideWorld`` where its file cannot be read.
    """
    text = _given(ADDRESS_KEY)
    if not text:
        content = _read(root / ADDRESS_KEY_FILE)
        if content is None:
            return None
        text = content.decode("ascii", "replace").strip()
    if re.fullmatch(r"[0-9a-fA-F]{64}", text) is None or len(set(text)) == 1:
        message = _(
            "the address key in {place} is not one: it has 64 hexadecimal digits, and these are {found} characters. "
            "Put back the whole one, as it was kept with the secrets"
        )
        raise Refused(message.format(place=address_key_place(), found=len(text)))
    return bytes.fromhex(text)


def address_key_place() -> str:
    """Where the address key is looked for: the variable where it is given, which goes first, else the file."""
    return ADDRESS_KEY if _given(ADDRESS_KEY) else ADDRESS_KEY_FILE


def mailgun_signing_key() -> str:
    """``FILIGRANE_MAILGUN_SIGNING_KEY``, by which Mailgun signs what it reports; empty where it is not given."""
    return _given("FILIGRANE_MAILGUN_SIGNING_KEY").strip()


def webhook_url(settings: Settings) -> str | None:
    """Where alerts are posted: ``FILIGRANE_WEBHOOK``, or the newsroom's ``webhook``. Raises as ``_outgoing_url``."""
    return _outgoing_url("FILIGRANE_WEBHOOK") or settings.webhook


def ping_url(settings: Settings) -> str | None:
    """What is asked after each tick: ``FILIGRANE_PING``, or the newsroom's ``ping``. Raises as ``_outgoing_url``."""
    return _outgoing_url("FILIGRANE_PING") or settings.ping


def _outgoing_url(variable: str) -> str | None:
    """The value of ``variable``, None where it is not set. Raises ``Refused``, without it, where it is no such URL."""
    given = _given(variable).strip()
    try:
        return TypeAdapter[str](OutgoingUrl).validate_python(given) if given else None
    except ValidationError:
        message = _("{variable} is no address that can be called: https, or http on this machine")
        raise Refused(message.format(variable=variable)) from None


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


def key_files(root: Path, settings: Settings | None) -> tuple[Path, ...]:
    """Where the secret key, the address key and the DKIM key are kept: their text is never read as an issue or
    configuration, nor put into a backup.
    """
    dkim = settings.dkim if settings is not None else None
    return (root / SECRET_FILE, root / ADDRESS_KEY_FILE, *((root / dkim.key,) if dkim is not None else ()))


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
        message = _("{file} cannot be read: {why}").format(file=path.name, why=os_reason(error))
        raise OutsideWorld(message) from error

"""Why no session with a relay could be opened, in the operator's words."""

from __future__ import annotations

import socket
import ssl

import aiosmtplib

from composer.delivery.smtp.wire import printed
from composer.locale import gettext as _


def why_unreachable(error: Exception) -> str:
    """Why aiosmtplib, or the system, could not open a session; of a reply, its code and its text."""
    cause = error.__cause__ or error
    if isinstance(cause, ConnectionRefusedError):
        return _("nothing answers on this port")
    if isinstance(cause, socket.gaierror):
        return _("there is no host of that name, or the name server does not answer")
    if isinstance(cause, TimeoutError) and not cause.errno:
        return _("it does not answer in time")
    if isinstance(cause, ssl.SSLCertVerificationError):
        return _("its certificate is not accepted: {why}").format(why=cause.verify_message)
    if isinstance(cause, ssl.SSLError):
        return _("TLS with it fails: {why}").format(why=cause.reason or cause)
    if isinstance(cause, aiosmtplib.SMTPServerDisconnected | ConnectionResetError):
        return _("it closed the connection")
    if isinstance(error, aiosmtplib.SMTPResponseException):
        words = printed(error.message.encode("utf-8", "surrogateescape"))
        if error.code < 200:
            return _("what it says is no SMTP reply: {words}").format(words=words.partition("line: ")[2] or "…")
        return f"{error.code} {words}"
    return _of_aiosmtplib(str(error))


def _of_aiosmtplib(said: str) -> str:
    """What aiosmtplib says without a reply is known by how it begins."""
    if said.startswith("SMTP STARTTLS extension not supported"):
        return _("it does not offer STARTTLS, and nothing is sent in clear")
    if said.startswith("The SMTP AUTH extension is not supported"):
        return _("it takes no password, and the configuration names an account")
    if said.startswith("No suitable authentication method"):
        return _("it takes a password in no way that is known here (CRAM-MD5, PLAIN, LOGIN)")
    return said

"""Why no session with a relay could be opened, in the operator's words."""

from __future__ import annotations

import socket
import ssl

import aiosmtplib

from composer.delivery.smtp.wire import printed
from composer.locale import gettext as _


def why_unreachable(error: Exception, security: str = "") -> str:
    """Why aiosmtplib, or the system, could not open a session; of a reply, its code and its text. ``security``: as the
    relay is configured, named where it may be the wrong one for that port."""
    cause = error.__cause__ or error
    if isinstance(cause, ConnectionRefusedError):
        return _("nothing answers on this port")
    if isinstance(cause, socket.gaierror):
        return _("there is no host of that name, or the name server does not answer")
    if isinstance(cause, TimeoutError) and not cause.errno:
        return _("it does not answer in time") + _wrong_port(security)
    if isinstance(cause, ssl.SSLCertVerificationError):
        return _("its certificate is not accepted: {why}").format(why=_of_certificate(cause))
    if isinstance(cause, ssl.SSLError):
        return _("TLS with it fails: {why}").format(why=cause.reason or cause) + _wrong_port(security)
    if "aborted while upgrading" in str(error):  # by asyncio, once the time for it was over
        return _("it does not answer in time") + _wrong_port(security)
    if "reset while upgrading" in str(error):
        return _("it closed the connection while TLS was agreed upon; it may know neither version 1.2 nor 1.3")
    if isinstance(cause, aiosmtplib.SMTPServerDisconnected | ConnectionResetError):
        return _("it closed the connection")
    if isinstance(error, aiosmtplib.SMTPResponseException):
        words = printed(error.message.encode("utf-8", "surrogateescape"))
        if error.code < 200:
            return _("what it says is no SMTP reply: {words}").format(words=words.partition("line: ")[2] or "…")
        if error.code < 400:
            return _("what it says is no reply to what it was asked: {words}").format(words=f"{error.code} {words}")
        return f"{error.code} {words}".rstrip()
    return _of_aiosmtplib(str(error), security)


def _wrong_port(security: str) -> str:
    """A hint where the port may speak TLS from the first octet, and the configuration says otherwise, or vice versa."""
    if security == "tls":
        return _(" (security: tls is for port 465; on 587 and 25 it is starttls)")
    if security == "starttls":
        return _(" (security: starttls is for ports 587 and 25; on 465 it is tls)")
    return ""


def _of_certificate(cause: ssl.SSLCertVerificationError) -> str:
    """What OpenSSL says of a certificate, where an operator can do something (its X509_V_ERR codes)."""
    if cause.verify_code == 10:
        return _("it has expired")
    if cause.verify_code == 9:
        return _("it is not valid yet; is the clock of this machine right?")
    if cause.verify_code in (18, 19):
        return _("it is signed by itself, and by no authority that this machine knows")
    if cause.verify_code in (2, 20, 21):
        return _("no authority that this machine knows has signed it")
    if cause.verify_code in (62, 64):
        return _("it is for another name: {why}").format(why=cause.verify_message)
    return str(cause.verify_message)


def _of_aiosmtplib(said: str, security: str) -> str:
    """What aiosmtplib says without a reply is known by how it begins."""
    if said.startswith("SMTP STARTTLS extension not supported"):
        return _("it does not offer STARTTLS, and nothing is sent in clear")
    if said.startswith("The SMTP AUTH extension is not supported"):
        clear = _(" (perhaps over TLS only: security: starttls)") if security == "none" else ""
        return _("it takes no password, and the configuration names an account") + clear
    if said.startswith("No suitable authentication method"):
        return _("it takes a password in no way that is known here (CRAM-MD5, PLAIN, LOGIN)")
    return said

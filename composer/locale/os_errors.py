"""Why the system refused, in the newsroom's language: its own words are mostly English, whatever is asked."""

from __future__ import annotations

import errno
import socket

from composer.locale import gettext as _


def os_reason(error: OSError) -> str:
    """The reason of ``error``, for people; the system's own words where it is a rare one."""
    if isinstance(error, socket.gaierror):
        return _("there is no host of that name, or the name server does not answer")
    words = {
        errno.EACCES: _("this account is not permitted to"),
        errno.EPERM: _("this account is not permitted to"),
        errno.EROFS: _("it is on a read-only disk"),
        errno.ENOSPC: _("the disk is full"),
        errno.EDQUOT: _("the disk space of this account is used up"),
        errno.ENOENT: _("there is no such file or folder"),
        errno.EEXIST: _("a file of that name is in the way"),
        errno.ENOTDIR: _("a file of that name is in the way"),
        errno.EISDIR: _("it is a folder"),
        errno.ENOTEMPTY: _("the folder is not empty"),
        errno.EBUSY: _("another program holds it open"),
        errno.ETXTBSY: _("another program holds it open"),
        errno.ENAMETOOLONG: _("its name is too long"),
        errno.ELOOP: _("its links go round in a circle"),
        errno.EIO: _("the disk does not answer"),
        errno.EMFILE: _("too many files are open"),
        errno.ECONNREFUSED: _("nothing answers on this port"),
        errno.EADDRINUSE: _("it is in use"),
        errno.EADDRNOTAVAIL: _("this machine has no such address"),
    }
    return words.get(error.errno or 0) or error.strerror or str(error)


def connection_reason(error: Exception) -> str:
    """Why nothing answered: as ``os_reason`` says it where it is the system's reason, as the library says it of TLS."""
    if isinstance(error, socket.gaierror | ConnectionError):  # an SSLError is an OSError too, with numbers of its own
        return os_reason(error)
    return str(error) or type(error).__name__

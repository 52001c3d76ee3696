"""Pictures that have arrived and are not put anywhere yet: in memory only, so that giving up leaves nothing behind."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock

from composer.studio.pictures.arriving import ArrivedPicture

#: Pictures that wait, and their bytes together; the oldest are let go, and sent again by the page.
MOST_HELD, MOST_BYTES_HELD = 20, 150_000_000


class WaitingPictures:
    """Pictures by the digest of what would be kept. Called from several threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._held: OrderedDict[str, ArrivedPicture] = OrderedDict()

    def hold(self, picture: ArrivedPicture) -> None:
        """Have ``picture`` wait; the oldest go where there is no room."""
        with self._lock:
            self._held[picture.digest] = picture
            self._held.move_to_end(picture.digest)
            while len(self._held) > 1 and (
                len(self._held) > MOST_HELD or sum(len(each.content) for each in self._held.values()) > MOST_BYTES_HELD
            ):
                self._held.popitem(last=False)

    def of(self, digest: str) -> ArrivedPicture | None:
        """The one of ``digest``; None where it waits no more."""
        with self._lock:
            return self._held.get(digest)


#: Those of this process.
WAITING = WaitingPictures()

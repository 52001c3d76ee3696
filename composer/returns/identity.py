"""Of which delivery a message that came back speaks: a token of ours in it, with a right MAC.

Without one a message is shown and changes nothing: any stranger can write that a mailbox does not exist.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from composer.message.verp import read_return_path
from composer.returns.judgement import Judgement


@dataclass(frozen=True)
class Identity:
    """One delivery: ids of the subscriber and of the mailing."""

    subscriber: int
    mailing: int


def identify(judgement: Judgement, keys: Sequence[bytes]) -> Identity | None:
    """The delivery of the address that the message was sent to, or else the only one that it names elsewhere.

    ``keys`` are the secret keys, the present one and former ones. None where there is none, or more than one.
    """
    for tokens in (judgement.addressed, judgement.carried):
        found = set(_verified(tokens, keys))
        if found:
            return found.pop() if len(found) == 1 else None
    return None


def _verified(tokens: Iterable[str], keys: Sequence[bytes]) -> Iterable[Identity]:
    for token in tokens:
        # The address for leaving holds the same bytes as the return path.
        read = read_return_path(f"b-{token[2:]}", *keys)
        if read is not None:
            yield Identity(*read)

"""Names of columns in shorthand: ``presse_out``, ``nl_stop``, ``mailKO``, ``ex_abo``.

Folded, such a name is one run of letters in which the short word is lost. So it is divided where a sign or a capital
divides it; a short word of leaving, or of consent, is written out behind the folded name, where
``composer.subscribers.smells`` finds it.
"""

from __future__ import annotations

import re
from functools import lru_cache

from composer.subscribers.values import fold

_PARTS = re.compile(r"[A-Z]?[^\W_A-Z0-9]+|[A-Z]+(?![^\W_A-Z0-9])|[A-Z]|[0-9]+")
#: Words that say, in any name, that a yes means leaving.
_OUT_WORDS = (
    "out off stop nok unsub unsubs desab desabo desabos desabonn dsb desinsc opto optouts blackl tricard blocage "
    "verrou locked zap kill silence sourdine excl exclu desact resil inact dead rip blocklist purge lock"
)
_OUT = frozenset(_OUT_WORDS.split())
#: Words that say it beside one for letters, or alone.
_OUT_BESIDE_WORDS = "non ko ex ancien ancienne anciens plus rm bl hb sb black opp oo arret no pas sans hs del"
_OUT_BESIDE = frozenset(_OUT_BESIDE_WORDS.split())
#: ...and those that say that a yes means consent.
_IN_BESIDE = frozenset(["in", "ok", "oui", "veut", "actif", "active", "valide", "joignable"])
#: Words for letters, for how they travel, and for being on a list.
_LETTERS_WORDS = (
    "nl nls news newsletter newsletters lettre lettres infolettre mail mails email emails mel courriel mailing "
    "emailing envoi envois abo abos abonne abonnes abonnement presse rdp bulletin veille revue alerte "
    "alertes pub com opt adr"
)
_LETTERS = frozenset(_LETTERS_WORDS.split())
_ALONE = _OUT_BESIDE - {"non", "no", "plus", "pas"}
#: Beside these, ``out`` and ``off`` are of something else (check-out), and ``no`` is a number (no. abonné).
_OF_OTHERS = frozenset(["check", "time", "log", "sold", "print", "cut", "box", "day"])
_NUMBERED = frozenset(["abo", "abos", "abonne", "abonnes", "abonnement", "envoi"])


@lru_cache(maxsize=1000)
def written_out(name: str) -> str:
    """``name`` of a column, folded, with ``optout`` or ``optin`` behind it where a short word in it says so."""
    folded = fold(name)
    parts = [fold(part) for part in _PARTS.findall(name)]
    told = _OUT.intersection(parts) if _OF_OTHERS.isdisjoint(parts) else None
    if told or (len(parts) == 1 and parts[0] in _ALONE) or _beside(parts, _OUT_BESIDE):
        return f"{folded}optout"
    return f"{folded}optin" if _beside(parts, _IN_BESIDE) else folded


def _beside(parts: list[str], words: frozenset[str]) -> bool:
    """Whether one of ``words`` stands beside a word for letters, a short word (de, la) between them or not."""
    for at, part in enumerate(parts):
        if part in words:
            near = {*parts[max(at - 1, 0) : at], *parts[at + 1 : at + 2]}
            if at + 2 < len(parts) and len(parts[at + 1]) < 4:
                near.add(parts[at + 2])
            if not near.isdisjoint(_LETTERS - _NUMBERED if part == "no" else _LETTERS):
                return True
    return False

"""What smells of leaving, of bounces, of consent and of ends of payment: names of columns, cells, names of files.

A smell only asks: what a column means is decided by its known name, or by the operator.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from pathlib import Path

from composer.subscribers.consent_words import is_gone, says_inactive
from composer.subscribers.standing import Stance
from composer.subscribers.values import answer_key

#: Parts of folded column names in which "yes" means that the reader left.
OUT = re.compile(
    "unsub|optout|optedout|desabo|desinscri|donot|nepas|neplus|nesouhait|neveut|nonconfirme|unconfirmed|blacklist"
    "|blocklist|listenoire|listerouge|blocked|bloqu|suppress|supprim|^stop(?!time)|stop(?:mail|email|pub|stat)|opposition"
    "|opposant|rejet|cancel|annul|resili|revoked|withdrawn|left$|leftat|removed|removereason|excluded?$|exclus?$|refus"
    "|^radie|radiation|demission|inactif|inactive(?:since|at|on)?$|date(?:de)?depart(?!ement)|^depart(?:le)?$|quitte"
    "|^quit|churn|^(?:is)?(?:deleted|archived|disabled|archivee?|terminated|banned|bannie?|gone|ended)"
    "|archivee?le|dat(?:e|edes?)(?:deleted|archiv)|deletiondate|desactiv|deactivat|suspend|onhold"
    "|^retire(?:e|le|ele)?$|^aretirer|retrait(?:le)?$|^(?:date)?(?:de)?sorti|^partie?s?(?:le|en)?$|^perdue?le|dece[sd]"
    "|(?:clotur|ferm|clos)ee?le$|compte(?:ferme|clos)|closed(?:at|on)$|robinson|plus(?:de|d)?(?:envo|mail|courriel|ecri)"
    "|^(?:no|pasde|sans)(?:e?mail|courriel|newsletter|lettre|envoi)"
    # German; Dutch; Spanish and Portuguese; Italian
    "|abgemeldet|abmeld|abbestell|ausgetragen|austragung(?!sort)|widerruf|gesperrt|gekundigt|^kundigung"
    "|uitgeschreven|uitschrij|afgemeld|afmeld|opgezegd|fecha(?:de)?(?:la)?baja|^baja|dadodebaja|desuscri|descadastr|disiscri|disdett"
)
#: ...in which "no" means it. Not ``abonnement``, a paid offer, nor ``subscribed``, which may be a date.
IN = re.compile(
    "optin|optedin|doublopt|consent|accepts|accepte|abonnee?s?(?!ment)|inscrital|inscriteala|inscritnews|souhait"
    "|subscribedto|issubscribed|confirmed|confirmee?$|verified$|verifiee?$|permission|reponsenews|emailenabled"
    "|mailingactif|emailingactif|jaccepte|^(?:is)?(?:active|actif|enabled)$|^accord(?!eon)|autoris(?:e|ation)|recoit"
    "|einwillig|zustimm|toestemming|consenso|acepta|accett|lettredinfo|^nl$|^mailinglist$"
    "|^bulletins?(?:dinfo[a-z]*|electronique|municipal|hebdo[a-z]*|mensuel)?$|recevoir|^e?mailing$|^newsletter|newsletters?$|infolettre|^(?:news)?letter(?:du|de|des|hebdo|quot)|^lettre(?:du|de|des|hebdo|quot)"
)
BOUNCE = re.compile(
    "bounce|rebond|npai|undeliverable|unreachable|injoignable|rejetdefinitif|invalide?(?:mail|address)|(?:mail|adresse)invalid"
)
COMPLAINT = re.compile("complain|plainte|spam|^junk|abuse|signale(?:ment|e?comme)")
#: ...that smell of consent and say neither.
OTHERS = re.compile("rgpd|gdpr|cnil|statut|status|etat(?:de|du)?l?(?:abo|compte|inscr)")
SMELLS = (OUT, IN, BOUNCE, COMPLAINT, OTHERS)
#: Parts of names of columns that say why or how a reader left.
REASON_COLUMN = re.compile("reason|raison|motif|mode$|onhold")
#: Parts of folded names of columns that say until when a reader has paid.
END = re.compile(
    "^fin$|^fin(?:de|dabo|abo|le|date)|datefin|datedefin|echeance|expir|until|jusqu|renew|renouvel|periodend|trialend"
    "|enddate|endsat|endson|endedat|validite|valableau|validto|validthr|^terme$|datedeterme"
)

#: Words for who left that are no status of any platform: whole cells of a column that is not read.
_GONE = (
    "stop annule annulee suspendu suspendue suspended sorti sortie parti partie demissionnaire decede decedee deceased "
    "expire expiree expired echu echue lapsed nonrenouvele nonrenouvelee exabonne exabonnee ancienabonne "
    "ancienneabonnee former injoignable invalide adresseinvalide emailinvalide desabo desabos"
)
_GONE_WORDS = frozenset(_GONE.split())
#: The same within a longer text: a tag among others, a note.
_TOLD = re.compile(
    r"d[eé]\u0301?s(?:abo\b|abonn|inscri)|unsubscri|\bopt(?:ed)?[ -]?out|black ?list|block ?list|liste noire"
    r"|\bnpai\b|bounced"
    r"|^stop\b.{0,15}$|ne (?:plus|pas) (?:\w+ )?(?:[eé]crire|envoyer|contacter|relancer|solliciter|recevoir|adresser)"
    r"|ne (?:veut|souhaite|d[eé]sire) (?:plus|pas)|plus d(?:e |['’])(?:e?-?mail|courriel|newsletter|lettre|envoi)"
    r"|do not (?:e?-?mail|contact|send|write)|radi[eé]e?\b|r[eé]sili[eé]|\bd[eé]c[eé]d[eé]"
    r"|(?:veut|souhaite|d[eé]sire) plus (?:rien|recevoir|[eê]tre|la |les )"
    r"|n['’]existe plus|\bretir[eé]e?s? (?:à sa|de la|des)\b"
    r"|[àa] (?:supprimer|retirer|enlever) (?:de la|des|du)\b|^à (?:supprimer|retirer|enlever)$"
    r"|(?:e-?mail|adresse|courriel|bo[iî]te)s? (?:\w+ )?(?:invalide|inexistant|fermé|erron[eé])"
    r"|\b(?:remove|removed|take|taken|delete|deleted) (?:\w+ )?(?:from|off) (?:\w+ )?(?:mailing )?list"
    r"|asked to be (?:removed|taken off)"
    r"|no longer (?:wants?|wish(?:es)?)\b|abgemeldet|abbestellt|uitgeschreven|afgemeld|dado de baja|disiscritt",
    re.IGNORECASE,
)


#: Fast path: a text with none of these does not match ``_TOLD``.
_HINTS = (
    "abo",
    "nscri",
    "subscri",
    "out",
    "list",
    "npai",
    "bounced",
    "stop",
    "ne ",
    "plus",
    "do not",
    "radi",
    "sili",
    "céd",
    "ced",
    "retir",
    "supprimer",
    "enlever",
    "invalid",
    "nexist",
    "ferm",
    "erron",
    " list",
    "asked",
    "longer",
    "abgem",
    "abbest",
    "tgeschr",
    "afgem",
    "baja",
    "iscritt",
)
_FIGURES = re.compile("[0-9]")


@lru_cache(maxsize=20_000)
def tells_of_leaving(cell: str) -> bool:
    """Whether a cell of a column that is not read says that somebody left, bounced or complained."""
    small = cell.lower()
    if any(hint in small for hint in _HINTS) and _TOLD.search(cell) is not None:
        return True
    if len(cell) > 40 or _FIGURES.search(cell):
        return False
    return is_gone(cell) or answer_key(cell) in _GONE_WORDS


def are_states(cells: list[str]) -> bool:
    """Whether all ``cells``, the different ones of a column, are words of a status, some active and some not."""
    return {says_inactive(cell) for cell in cells} == {True, False}


#: Words in a file's name that say what all its rows are, as platforms and people write them: one file for each state.
_FILES = (
    (re.compile("non ?(?:subscri|abonn|confirm)"), Stance.UNPROVEN),
    (re.compile("unconfirmed|not confirmed|pending|en attente"), Stance.UNPROVEN),
    (re.compile("cleaned|bounce|undeliverable|rebond|npai|invalid|injoignable"), Stance.BOUNCED),
    (re.compile("spam|complain|plainte|junk|abuse"), Stance.COMPLAINED),
    (
        re.compile(
            r"unsub|desabo|desinscri|black ?list|block ?list|liste noire|suppress|supprim|opposition"
            r"|opposant|\bopt(?:ed)? ?out|\bstop|\ba retirer|\bretire(?:e?s)?\b|resili|\bradie|\bpartis\b|sortants?\b"
            r"|\bexclu|removed|deleted|\barchiv(?:ed|ee?s?\b)|inacti[fv]|disabled|desactiv|do not |\bne (?:plus|pas)"
            r"|\brefus|\bleft\b|churn|cancel|\bannule|\bbloque|blocked|banned|\bex abonn|anciens? abonn|\bformer\b"
            r"|lapsed|\bdecedee?s?\b|\bdemission|abgemeldet|uitgeschreven|afgemeld|\bbajas?\b|disiscritt"
        ),
        Stance.LEFT,
    ),
)


def standing_of_file(path: Path) -> Stance | None:
    """What the name of a list says that its rows are; None where it says nothing."""
    return standing_of_title(path.stem)


def standing_of_title(title: str) -> Stance | None:
    """What a title says that the rows under it are; None where it says nothing. A Mac writes accents apart."""
    plain = unicodedata.normalize("NFKD", title.casefold())
    name = re.sub("[^a-z0-9]+", " ", "".join(letter for letter in plain if not unicodedata.combining(letter)))
    return next((standing for pattern, standing in _FILES if pattern.search(name)), None)

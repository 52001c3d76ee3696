"""What smells of leaving, of bounces, of consent and of ends of payment: names of columns, cells, names of files.

A smell only asks: what a column means is decided by its known name, or by the operator.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

from composer.subscribers.consent_words import says_inactive
from composer.subscribers.standing import Stance
from composer.subscribers.told import tells_of_leaving
from composer.subscribers.values import plain

#: Parts of folded column names in which "yes" means that the reader left.
OUT = re.compile(
    "unsub|unsuscri|unsbuscri|optout|optedout|desabo|desin?s?cri|donot|nepas|neplus|nesouhait|neveut|nonconfirme"
    "|unconfirmed|blacklist"
    "|blocklist|listenoire|listerouge|blocked|bloqu|suppress|supprim|^stop(?!time)|stop(?:mail|email|pub|stat)"
    "|opposition"
    "|opposant|rejet|cancel|annul|resili|revoked|withdrawn|left$|leftat|removed|removereason|excluded?$|exclus?$|refus"
    "|^radie|radiation|demission|inactif|inactive(?:since|at|on)?$|date(?:de)?depart(?!ement)|^depart(?:le)?$|quitte"
    "|^quit|churn|^(?:is)?(?:deleted|archived|disabled|archivee?|terminated|banned|bannie?|gone|ended)"
    "|archivee?le|dat(?:e|edes?)(?:deleted|archiv)|deletiondate|desactiv|deactivat|suspend|onhold"
    "|^retire(?:e|le|ele)?$|^aretirer|retrait(?:le)?$|^(?:date)?(?:de)?sorti|^partie?s?(?:le|en)?$|^perdue?le|dece[sd]"
    "|(?:clotur|ferm|clos)ee?le$|compte(?:ferme|clos)|closed(?:at|on)$|robinson"
    "|plus(?:de|d)?(?:envo|mail|courriel|ecri)"
    "|^(?:no|pasde|sans)(?:e?mail|courriel|newsletter|lettre|envoi|pub|nl|news|contact$)"
    "|^(?:nl|news|mail|mel)(?:ko|out|off|stop|non|hs)$|^fin(?:de|la)*(?:nl|news|envoi|mail|lettre)"
    "|d[a-z0-9]{0,6}s(?:abon|in?s?cri)|^(?:date)?ray(?:e|ee)(?:le|de|dela)?|^arayer|^barree?(?:le)?$|^a?efface"
    "|^aexclu|^exclu[rs]"
    "|(?:mail|adresse|courriel)(?:hs|ko|enerreur|revenue?)$|^retour(?:mail|courriel)|erreurmail|boiteinconnue|^dn[ce]$"
    "|^motifs?$|^raisons?$|^reasons?$|^lefton$|^exitdate|terminationdate|withdrawal|revocation|desistement|^renonc"
    "|^clotur|effacement"
    "|^resil|^desab|^desinsc?|horsliste|^out$|^ex$|^anc(?:ien(?:ne)?s?)?$|(?:non|pas|plus)actif|interdi(?:t|ction)"
    "|^np[em]$|^pnd$|^arrete?e?(?:le|lettre|news|mail)?$|dated?(?:de)?arret|suspension|^(?:en)?pause|^suppr?$"
    "|^(?:a)?(?:retirer|enlever|oter)$|^enlevee?(?:le)?$|^morte?s?$|^dcd$|^disparu|^faux$|adressefausse"
    "|^(?:to)?(?:remove|delete|leave)(?:date)?$|^exit|termination|^block$|^ban$|^mute|^snooze|^dormant|^lapsed|^dn[md]$"
    "|notinterested|(?:pas|plus)interess|^pending$|^enattente$|aconfirmer"
    "|(?:motif|raison|cause|reason)[a-z]{0,9}(?:depart|sortie|arret|retrait|leav|left|exit|fin$)|leaving"
    "|^sortante?s?$|^perdue?s?$|^(?:ko|non)$|droitaloubli|oublirgpd|erasure|anonymi[sz]|^oppose|corbeille|^trash"
    # German; Dutch; Spanish and Portuguese; Italian
    "|austritt|ausgetreten|gelosch|geloesch|storniert|verwijder|cancelad|cancelacion|cancellat|cancellazion|rimoss"
    "|eliminad"
    "|abgemeldet|abmeld|abbestell|ausgetragen|austragung(?!sort)|widerruf|gesperrt|gekundigt|^kundigung"
    "|uitgeschreven|uitschrij|afgemeld|afmeld|opgezegd|fecha(?:de)?(?:la)?baja|^baja|dadodebaja|desuscri|descadastr"
    "|disiscri|disdett"
)
#: ...in which "no" means it. Not ``abonnement``, a paid offer, nor ``subscribed``, which may be a date.
IN = re.compile(
    "^subscribed$|^inscrit(?:e|nl)?$|marketing(?:ok|e?mails?)$|^(?:e?mail)?ok(?:pour)?(?:e?mail)?$"
    "|veut(?:la|lettre)|^desire(?:la|lettre)?$|^interessee?$|souscri(?:t|ption)(?:e|a|lettre|news|mail)*$|mailable"
    "|marketable|contactable|reachable"
    "|deliverable|(?:e?mail|adresse|courriel)(?:valide?|ok)$|^valid(?:e)?(?:e?mail|adresse)|^(?:a)?envoyer$"
    "|^envois?(?:e?mail)?$"
    "|^restonsencontact|optin|optedin|doublopt|consent|accepts|accepte|abonnee?s?(?!ment)|inscrital|inscriteala"
    "|inscritnews|souhait"
    "|subscribedto|issubscribed|confirmed|confirmee?(?:le)?$|confirmation(?:date|time|le|at|on)?$"
    "|date(?:de)?confirmation|verified(?:at|on)?$|verifiee?(?:le)?$|^abos?(?:nl|news|lettre|e?mail)?$|^news(?:on)?$|permission|reponsenews|emailenabled"
    "|mailingactif|emailingactif|jaccepte|^(?:is)?(?:active|actif|enabled)$|^accord(?!eon)|autoris(?:e|ation)|recoit"
    "|einwillig|zustimm|toestemming|consenso|acepta|accett|lettredinfo|^nl$|^mailinglist$"
    "|^bulletins?(?:dinfo[a-z]*|electronique|municipal|hebdo[a-z]*|mensuel)?$|recevoir|^e?mailing$|^newsletter"
    "|newsletters?$|infolettre|^(?:news)?letter(?:du|de|des|hebdo|quot)|^lettre(?:du|de|des|hebdo|quot)"
)
BOUNCE = re.compile(
    "bounce|^erreurs?$|^(?:delivery)?errors?$|^smtpcode$|^hs$|coderetour|rebond|npai|undeliverable|unreachable"
    "|injoignable|rejetdefinitif|invalide?(?:mail|address)|isinvalid$|(?:mail|adresse)invalid"
)
COMPLAINT = re.compile("complain|plainte|spam|^junk|abuse|signale(?:ment|e?comme)")
#: ...that smell of consent and say neither.
OTHERS = re.compile(
    "preference|^frequen|(?:mail|letter|lettre|news|envoi|contact)s?frequen|legalbasis|baselegale|^communications?$"
    "|^flags?$|sollicitation|^prospection|^diffusion|^reception$|rgpd|gdpr|cnil|statut|status"
    "|etat(?:de|du)?l?(?:abo|compte|inscr)"
)
SMELLS = (OUT, IN, BOUNCE, COMPLAINT, OTHERS)
#: Parts of names of columns that say why or how a reader left.
REASON_COLUMN = re.compile("reason|raison|motif|mode$|onhold")
#: Parts of folded names of columns that say until when a reader has paid.
END = re.compile(
    "^fin$|^find|^fin(?:abo|le|date)|datefin|datedefin|echeance|expir|until|jusqu|renew|renouvel|periodend|trialend"
    "|enddate|endsat|endson|endedat|validite|valableau|validto|validthr|^terme$|datedeterme"
)

#: The same, in names that are of a subscription (``Abonné jusqu'au``), which smell of consent.
_SUBSCRIPTION_END = re.compile("fin(?!an|al|i)")


def ends_a_subscription(name: str) -> bool:
    """Whether a folded name of a column says of a subscription until when it is, and not that it was left."""
    if OUT.search(name) or BOUNCE.search(name) or COMPLAINT.search(name):
        return False
    of_one = any(part in name for part in ("abonn", "subscri", "souscri"))
    return of_one and any(end.search(name) for end in (END, _SUBSCRIPTION_END))


#: Parts of folded names of columns in which a yes means that the reader asked for letters.
_ASKED = re.compile("abonn|subscri|optin|inscri|consent|accept")


def sense_of_name(name: str) -> Literal["in", "out"] | None:
    """What a yes means by a folded name of a column; None where it does not say, or says both."""
    rest, outs = OUT.subn(" ", name)
    if outs:
        return None if _ASKED.search(rest) else "out"
    other = any(one.search(name) for one in (BOUNCE, COMPLAINT, END, OTHERS))
    return "in" if _ASKED.search(name) and not other else None


def are_states(cells: list[str]) -> bool:
    """Whether all ``cells``, the different ones of a column, are words of a status, some active and some not."""
    return {says_inactive(cell) for cell in cells} == {True, False}


#: Words in a file's name that say what all its rows are, as platforms and people write them: one file for each state.
_FILES = (
    (re.compile("(?:non?|not|never) ?(?:subscri|abonn|confirm|opt|consent|accord)"), Stance.UNPROVEN),
    (
        re.compile(
            r"unconfirmed|pending|en attente|\ba confirmer|(?:non|not|un) ?(?:valide|verifi)|jamais inscri"
            r"|never ask|\b(?:sans|no|pas d) (?:consent|opt|accord)|pas (?:encore |ete )?confirm"
        ),
        Stance.UNPROVEN,
    ),
    (
        re.compile(
            r"cleaned|bounce|undeliver|unreachable|rebond|npai|invalid|injoignable|\brejets?\b|\berreurs?\b|retours?\b"
            r"|\bnon (?:remis|delivr|distribu)|\bechecs?\b|\bfailures?\b|\bndr\b|\bpnd\b|hors service|\bnettoye"
            r"|mailbox full|boites? pleine|(?:bad|wrong|dead|incorrect) (?:e ?)?(?:mail|addr)"
            r"|(?:mauvaise|fausse)s? adresse"
            r"|(?:mails?|adresses?|courriels?) (?:erron|fauss|inconnu|perim|non valid|incorrect|retourn)"
            r"|\breject|\bfailed\b|\bdropped\b|\bblocks\b|(?:mails?|adresses?|courriels?) (?:mort|hs|ko)"
        ),
        Stance.BOUNCED,
    ),
    (re.compile("spam|complain|plainte|plaignant|junk|abuse"), Stance.COMPLAINED),
    (
        re.compile(
            r"unsub|unsuscri|unsbuscri|desabo|desin?s?cri|black ?list|block ?list|liste noire|suppress|supprim"
            r"|opposition"
            r"|opposant|\bopt(?:ed)? ?out|\bstop|\ba retirer|\bretire(?:e?s)?\b|resili|\bradie|\bpartis\b|sortants?\b"
            r"|\bexclu(?!siv)|removed|deleted|\barchiv(?:ed|ee?s?\b)|inacti[fv]|disabled|desactiv|do not "
            r"|\bne (?:plus|pas)"
            r"|\brefus|\bleft\b|churn|cancel|\bannule|\bbloque|blocked|banned|\bex abonn|anciens? abonn|\bformer\b"
            r"|lapsed|\bdecedee?s?\b|\bdemission|abgemeldet|uitgeschreven|afgemeld|\bbajas?\b|disiscritt"
            r"|\bd[a-z0-9 ]{0,12}s(?:abonn|inscri)|liste rouge|repoussoir|\bno ?mail|^(?:ko|dnc|dne|suppr)\b"
            r"|\brayee?s?\b|deny ?list|quarant|\bpurge|\binterdit|indesirable|unwanted|unengaged|\bdormants?\b"
            r"|\bmorts\b"
            r"|\bdisparus?\b|\bsuspendu|\bechus?\b|clotur|\bbanni|\bmuted\b|\bpaused\b|en pause|snoozed|terminated"
            r"|gesperrt|poubelle|\ba (?:jeter|oter|nettoyer|sortir|virer)|\benlevee?s?\b|\botee?s?\b|\bradiation"
            r"|desistement|\bretraits?\b|\barretes\b|\b(?:old|past|previous) (?:subscri|reader|member|contact)"
            r"|\b(?:non|pas|plus) actifs?\b|\bdead\b|(?:veulent|souhaitent) (?:pas|arret)|nettoyage|\bdes(?:ab|inscr)$"
            r"|corbeille|trash|\beffacee?s?\b|\ba effacer|\bsorti(?:e?s)?\b|\bperdue?s\b"
            r"|\b(?:ex|ancien(?:ne)?s?) (?:lect|membre|adherent|client|inscrit|contact)|^anciens$"
            r"|^(?:old|gone)$|oubli\b"
            r"|\bnon re(?:nouvel|conduit)|\bexpire(?:e?s|d)\b|\bleavers?\b|\bdeparts?\b|\bquits?\b|\bont quitte"
            r"|liste morte"
            r"|\bannulations?\b|\bopposee?s?\b|\ba (?:enlever|effacer|rayer|desabonner)|\bplus abonn"
            r"|\b(?:veu|souhait)\w+ plus"
            r"|recoi\w+ plus|\bhors liste|\berasure|\bgdpr delet|\bcomptes? (?:clos|ferme)|\bclosed acc"
            r"|deactivated|\bended\b"
            r"|fin d abonnement|abbestell|afmelding|uitschrijv|disdett|sperrliste|\bdnd\b"
            r"|gekundigt|kundigung|kuendigung|abmeldung|opgezegd|opzegging|cancelad|cancellat|descadastr|geloscht"
        ),
        Stance.LEFT,
    ),
)


def standing_of_file(path: Path) -> Stance | None:
    """What the name of a list says that its rows are; None where it says nothing."""
    return standing_of_title(path.stem)


def standing_of_folder(path: Path) -> Stance | None:
    """What the name of its folder says of a list (``unsubscribed/export.csv``), where the name begins with it: a folder
    is named after other things, too."""
    name = _NUMBERS.sub("", plain(path.absolute().parent.name)).strip()
    if name.split(" ")[0] in _NO_FOLDERS:
        return None
    begins = {name, _OF_LISTS.sub("", name)}
    return next((standing for pattern, standing in _FILES if any(map(pattern.match, begins))), None)


#: How names of folders begin that hold lists.
_OF_LISTS = re.compile(
    "^(?:(?:exports?|contacts?|listes?|lists?|fichiers?|members|subscribers|mails?|emails?|les|the) )+"
)
#: ...and of those where anything is put away.
_NO_FOLDERS = ("archive", "archives", "archived", "old", "trash", "corbeille", "anciens")


def standing_of_title(title: str) -> Stance | None:
    """What a title says that the rows under it are; None where it says nothing. A Mac writes accents apart."""
    name = plain(title)
    found = next((standing for pattern, standing in _FILES if pattern.search(name)), None)
    if found is not None:
        return found
    words = _NUMBERS.sub("", name).strip()
    return Stance.LEFT if words not in _NO_TITLES and tells_of_leaving(words) else None


#: A year, a number of pages.
_NUMBERS = re.compile(r"\b[0-9]+\b")
#: What a list is called that is brought out, or is of what is off.
_NO_TITLES = ("out", "off", "stop", "ancien", "ancienne", "pause", "quitte")

"""What a cell tells in words: a note, a tag among others, a bounce message, a line of JSON.

A cell is compared without accents, in lower case, each run of other signs as one space, so that ``do-not-mail``,
``opt_out`` and ``Ne plus écrire !`` are their words. An accent that a program lost leaves a gap in its word
(``D?sabonné``, ``D&eacute;sabonné``), which the patterns allow.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from composer.subscribers.consent_words import is_gone
from composer.subscribers.values import answer_key, plain

#: Words for leavers that are no status of any platform: whole cells of a column that is not read, or whole tags.
_GONE = (
    "stop annule annulee suspendu suspendue suspended sorti sortie parti partie demissionnaire decede decedee "
    "deceased expire expiree expired echu echue lapsed nonrenouvele nonrenouvelee exabonne exabonnee "
    "ancienabonne ancienneabonnee former injoignable invalide invalid notvalid adresseinvalide emailinvalide "
    "desabo desabos spam blocked bloque bloquee dcd rip arret barre barree perdu perdue churned lost left quit "
    "nomail nonews noemail poubelle corbeille trash supprimer enlever retirer effacer unsub opposition oppose "
    "off hs ko mort morte disparu disparue died dead archive archivee archived inactif inactive inactifs inactives "
    "desactive desactivee deactivated cloture cloturee remove dropped "
    "out nok ancien ancienne anciens anciennes partis parties quitte quittee morts perdus annules suspendus sortis "
    "sorties disparus bloques "
    "echus clotures stoppes arretes pause paused muted snoozed delete deletion dead terminated banni bannie "
    "indesirable "
    "indesirables enleve enleves retires otes purge purges elimine elimines dormant dormants opposee rejected "
    "rejete rejetee undelivered echec echecs failed"
)
_GONE_WORDS = frozenset(_GONE.split())

_MAIL = "(?:e ?)?(?:mails?|courriels?|news|newsletters?|lettres?|infolettres?|envois?|mailings?|nl)"
_IN_FRENCH = (
    r"d[a-z0-9 ]{0,12}s(?:abon|in?s?cri)|desabo\b|r[a-z0-9 ]{0,8}sili(?:e|ee|es|ees|ation)?\b|radiee?s?\b"
    r"|dece?dee?\b|dcd\b"
    r"|liste (?:noire|rouge|repoussoir|d opposition)|repoussoir\b|npai\b|^stop\b.{0,15}$|stopp(?:e|ee|er)\b"
    r"|ne (?:plus|pas) (?:\w+ ){0,2}"
    r"(?:ecri|envoy|contact|relanc|sollicit|recevoir|adress|derang|diffus|e ?mail|inclu|utilis)"
    r"|ne (?:veut|souhaite|desire) (?:plus|pas)|(?:veut|souhaite|desire) plus (?:rien|recevoir|etre|la |les )"
    rf"|(?:plus|pas|aucun) (?:d |de |des |du )?{_MAIL}\b|(?:plus|pas) (?:abonne|interesse)e?\b"
    r"|n existe plus|n est plus\b|a quitte\b|retiree?s? (?:a sa|de la|des)\b"
    r"|a (?:supprimer|retirer|enlever|effacer|rayer|desabonner) (?:de la|des|du)\b"
    r"|^a (?:supprimer|retirer|enlever|effacer|rayer)$|(?:enlever|retirer|supprimer|effacer)(?: svp|$)"
    r"|ray(?:ee|e|ees|es)\b|enleve(?:e|es)?\b|efface(?:e|es|ment)?\b|droit a l oubli\b"
    r"|retrait (?:du |de )?consentement|withdrawn\b|consent withd|anonymise"
    rf"|arret\w* (?:de |des |d |les |l |la )*(?:{_MAIL}|abonnement|diffusion)\b"
    rf"|refus\w* (?:de |d |la |les |le |l |tout |toute )*(?:{_MAIL}|contact|etre|recevoir|prospection|sollicitation)"
    r"|oppos(?:ition|ee?s?) (?:a|au|aux|rgpd|prospection)\b"
    r"|(?:ancien(?:ne)?s?|ex) (?:abonne|lect(?:eur|rice)|membre|adherent|client|inscrit)"
    r"|(?:boite|bal)s? (?:\w+ )?(?:pleine|fermee|inconnue|inexistante|supprimee|saturee)"
    r"|(?:(?:e ?)?mail|adresse|courriel|boite)s? (?:\w+ ){0,2}"
    r"(?:hs|ko|morte?|perimee?|obsolete|inconnue?|fausse|faux|invalide|inexistante?|erronee?|erreur|revenue?|rejetee?)\b"
    r"|(?:(?:e ?)?mail|adresse|courriel) (?:ne (?:fonctionne|marche)|n est plus|plus valide|non valide|revient)"
    r"|retour (?:e ?)?(?:mail|courriel)"
    r"|n(?:e (?:la |le |les |nous )?| en | y )?(?:recoi|recev|veu|souhait|desir|travaill|habit|march|fonctionn|sui"
    r"|adher)\w* plus\b"
    r"|demand\w* (?:de |d |son |sa |leur |le |la )?(?:retrait|suppression|radiation|effacement|desinscription)"
    r"|(?:accord|consentement) a demander|(?:pas|sans|non) (?:d |de |donne |son |l )*(?:accord|consentement)\b"
    r"|jamais (?:inscrit|abonne|demande|consenti)|(?:sans|ne pas) (?:e ?)?mail|(?:pas|plus) de com\b"
    r"|non distribu|introuvable|mails? retourne|message d erreur|plus valable|fin d abonnement|demission\w*"
    r"|s est (?:retire|desiste|plaint)|plainte\b|^exclue?s?\b|^supprimee?s?\b|suppr$|hors liste"
    r"|parti(?:e|es|s)? (?:a|en|le|chez|vers) |nous a quitte|morte? (?:en|le)\b|en pause\b"
    r"|envois? (?:suspend|arret|stopp)"
    r"|(?:uniquement|seulement|que) (?:le |la |en |version )*papier|papier (?:uniquement|seulement|only)"
    r"|comptes? (?:ferme|clos|clotur|supprim|desactiv)|signalee? (?:comme|en) (?:spam|indes)"
)
_MORE_FRENCH = (
    r"n(?:e (?:la |le |les |nous |s )?| en | y | )(?:lit|lis|interess|adher|renouvel|abonn)\w* (?:plus|pas)\b"
    r"|(?:veu|souhait|voudr|desir)\w+ (?:s |se )?(?:arret|desabo|desins|etre (?:retir|ray|enlev|suppr)|partir|quitter)"
    r"|(?:retirez|supprimez|enlevez|rayez|virez|effacez) moi\b|me (?:retirer|rayer|supprimer|enlever|virer)\b"
    r"|inacti(?:f|ve)s?\b|(?:non|pas|plus|ex|not) acti(?:f|ve)s?\b"
    r"|trop (?:de |d )(?:mails?|envois?|courriels?|messages?)\b"
    r"|(?:n a|n avait|sans avoir) (?:pas |rien |jamais )(?:consenti|demande|accepte|souhaite)"
    r"|(?:inscri|abonne)\w* (?:par erreur|a tort|sans (?:son |l )?(?:accord|consent|avoir))"
    r"|(?:mauvais|faux|fausse)e?s? (?:adresse|e ?mail|mail|courriel|boite)s?\b"
    r"|(?:(?:e ?)?mail|adresse|courriel)s? (?:\w+ ){0,2}"
    r"(?:incorrecte?|eronnee?|erronee?|morte?|fausse|inconnue?|perimee?)s\b"
    r"|(?:(?:e ?)?mail|adresse|courriel)s? (?:incorrecte?|eronnee?|n existe|(?:\w+ )?(?:pas|non) valide)"
    r"|retour a l (?:envoyeur|expediteur)|(?:mails?|courriels?|messages?) (?:\w+ )?revien|revien\w+ toujours"
    r"|(?:destinataire|utilisateur|compte|domaine|serveur)s? (?:inconnu|inexistant|introuvable)"
    r"|non (?:remis|delivre)|(?:pas|jamais|non) (?:confirme|verifie)|attente de confirm|a confirmer$"
    r"|(?:abo|abonnement)s? (?:termine|fini|expire|echu|arrete|suspendu|stoppe|annule)|fin d abo\b"
    r"|(?:non|pas) re(?:abonn|nouvel|condui)|annulee? (?:par|le|au)\b|^a annule\b|^annulations?$"
    r"|^refus\b|refusee? (?:par|au|le|en|oral|tel)|dit non\b|^non merci"
    r"|(?:plus|pas) (?:abonne|interesse|concerne)(?:e|s|es)\b|(?:plus|pas) (?:concerne|adherente?|membre|lect\w+)\b"
    r"|(?:est|sont) (?:partie?s?|morte?s?|decede)\b|plus en poste|plus dans l|bannie?s?\b|interdite?s? d envoi"
    r"|bloquee? par"
    r"|s oppose\b|s est opposee?\b|mise en demeure"
    r"|rgpd (?:suppr|efface|retrait|opposition)"
    r"|demandes? (?:de |d )?(?:rgpd|suppr|retrait|efface|radiation|desins|desabo)"
    r"|feu (?:m|mme|monsieur|madame) |a (?:jeter|virer|oter|sortir|radier|nettoyer|exclure)$"
    r"|vir(?:er|e|ee|es) de (?:la|notre)|^viree?$|sort(?:ir|i|ie|is|ies) (?:du fichier|de la (?:base|liste))"
    r"|hors (?:fichier|base)\b|exclu\w* (?:de|des) (?:l )?(?:envoi|liste|mailing)"
    r"|(?:pas|plus) de diffusion|diffusion (?:arret|stopp|suspend)|^suspendue?s?\b|liste robinson"
)
_MORE_ENGLISH = (
    r"no longer\b|any ?more$|no more\b|please stop|take (?:me|him|her|them) off|off (?:the|our|my) (?:\w+ )?list"
    r"|to be (?:removed|deleted)|to remove$|remove (?:asap|from|now)|deleted? (?:from|by|per|on request)"
    r"|(?:request(?:ed|s)?|asked for|wants?) (?:\w+ )?(?:removal|deletion|erasure|unsub)|(?:removal|gdpr) request"
    r"|gdpr (?:delet|eras|remov)|right to erasure"
    r"|(?:refused|revoked|withdrew|withdrawn|denied|no|without) consent"
    r"|consent (?:was )?(?:refused|revoked|denied|missing)"
    r"|(?:has|have)n t consent|not (?:consent|opted|subscrib|confirm|verified|renew|valid\b|deliver)|never confirm"
    r"|unconfirmed|unverified|pending confirm|not? renew|no (?:thanks|thank you)|reported (?:us|abuse)"
    r"|return(?:ed)? (?:mail|to sender)|(?:dead|incorrect|fake) (?:e ?)?(?:mail|address|mailbox)"
    r"|(?:e ?)?mails? (?:is |was )?(?:dead|bounc|wrong|invalid|incorrect)"
    r"|(?:domain|host|account) (?:is |was )?(?:not found|unknown|does not)|no such|does not exist"
    r"|unknown (?:user|host|recip)"
    r"|(?:has|have|had|s?he|they) left\b|left in (?:19|20)[0-9][0-9]|moved on\b|(?:has|have) (?:died|passed)|^died\b"
    r"|^(?:lapsed|expired|cancell?ed)\b"
)
_IN_ENGLISH = (
    r"unsub|uns[a-z]{1,4}cri[bp]|opt(?:ed)? ?out|(?:black|block) ?list|bounc|(?:hard|soft) ?bounc|undeliver"
    rf"|(?:no|not any|without) {_MAIL}\b|nomail\b|do not (?:e ?)?(?:mail|contact|send|write|disturb|email)"
    r"|(?:remove|removed|take|taken|delete|deleted) (?:\w+ )?(?:from|off) (?:\w+ )?(?:mailing )?list"
    r"|(?:remove|delete) (?:me|him|her|them)\b|asked to (?:stop|be (?:removed|taken off|deleted))"
    r"|stop (?:sending|mailing|emailing|writing|contacting)"
    r"|no longer (?:wants?|wish(?:es)?|subscrib|works? (?:here|there))"
    r"|(?:erasure|deletion) request|right to be forgotten|passed away|deceased\b|anonymi[sz]ed"
    r"|(?:bad|wrong|invalid) (?:e ?)?(?:mail|address)|do not market|delivery (?:has )?(?:failed|failure)"
    r"|(?:do|does|did|would) ?n[o ]?t (?:want|include|agree|consent|subscrib|e ?mail|mail|send|contact|write)"
    r"|don t (?:want|include|e ?mail|mail|send|contact|write)|doesn t want|never (?:sign|subscrib|ask|opt|agree)"
    r"|not interested|wants? (?:off|out|to (?:leave|stop|unsub|be removed))|left (?:the |our )?(?:company|list|us|org)"
    r"|complain(?:ed|t|ts)\b|(?:reported|marked)(?: as)? spam|remove$|^quit\b|(?:paper|print) only"
    r"|accounts? (?:is |was )?(?:closed|deleted|deactivat|disabled)"
    r"|no such (?:user|mailbox|recipient)|(?:\b5[0-9]{2} |^)5 [0-9]{1,2} [0-9]{1,3}\b"
    r"|(?:mailbox|user|recipient|address) (?:is )?(?:full|unknown|unavailable|rejected|disabled|closed|not found"
    r"|does not)"
)
_IN_OTHERS = (
    r"abgemeldet|abbestellt|gekundigt|gekuendigt|gelosch|geloesch|storniert|ausgetreten|widerrufen"
    rf"|\bkeine? {_MAIL}|uitgeschreven|afgemeld|opgezegd|gestopt|verwijderd|\bgeen {_MAIL}"
    r"|dado de baja|cancelad[oa]|eliminad[oa]|desuscrit|descadastrad|inativ[oa]|removid[oa]|anulad[oa]"
    r"|disiscritt|cancellat[oa]|annullat[oa]|rimoss[oa]|dezabonat|wypisan|odhlasen|avmeld|avregistrerad|afmeldt|frameld"
)
#: A name and its value: of JSON, PHP, a query, a sentence (``{"optin": false}``, ``newsletter=no``, ``Email : non``).
_NAMED = (
    r"(?:opt ?in|subscribed|abonnee?|consent\w*|nl|newsletters?|infolettre|lettre|mailing|emailing|email|mail|rgpd|gdpr"
    r"|accept\w*|inscrite?|active|enabled)(?: (?:value|status|statut|state|i|b))?"
    r" (?:0|no|non|false|faux|denied|refuse|off|out|stop|nok|ko)\b"
    r"|(?:blacklisted|complained|spam|blocked|deleted|suppressed) (?:1|yes|oui|true|vrai)\b"
)
#: All but the other languages' begin where a word does: tried there alone.
_TOLD = re.compile(rf"\b(?:{_IN_FRENCH}|{_MORE_FRENCH}|{_IN_ENGLISH}|{_MORE_ENGLISH}|{_NAMED})|{_IN_OTHERS}")
#: Fast path: a text with none of these does not match ``_TOLD`` (``tests/subscribers/test_told.py`` tries its words).
_HINT_WORDS = (
    "sabo scri sincri siscri sicri sili radie cede c3a9d ced dcd list repoussoir npai stop plus pas aucun quitte "
    "retire supprimer "
    "enleve efface raye oubli anonymi arret refus oppos abonn lect boite bal mail adresse courriel retour unsub "
    "opt black block bounc deliver without not remov take delet asked longer erasure forgotten passed deceased "
    "suppr radiation effacement desinscri accord demand jamais distribu introuvable demission plaint exclu hors parti "
    "mort pause papier compte signale want include agree interested left company complain quit paper print account "
    "remove sign never send write erreur valable sans recoi recev veu souhait desir "
    "failure failed such user recipient address bad wrong invalid market anci ex abgem abbest kundigt kuendigt "
    "losch loesch storn getreten widerruf keine uitges afgem opgez gestopt verwij geen baja cancel elimina "
    "acti lit "
    "lis interess adher nouvel voudr virez moi trop tort revien remis confirm verifi attente fini expire echu non "
    "annul reabon condui concern membre banni interdit bloque oppos demeure sort viree jeter virer oter nettoy hors "
    "diffus suspend robinson domaine inexist destinataire utilisateur any more off delet request removal revoked "
    "withdr "
    "denied renew thank report return dead incorrect fake domain host exist unknown died lapsed moved termine consenti "
    "accepte erreur faux fausse mauvais feu mort decede "
    "desuscri descad inativ anulad disiscr annullat rimoss dezab wypis odhlas avmeld avreg afmeldt frameld "
    "subscribed consent news nl lettre rgpd gdpr accept inscrit active enabled complained spam suppressed envoi"
)
_HINTS = (*_HINT_WORDS.split(), "5 ", "no ")
#: What stands beside a name: nothing that could be one (Raye, Stopper).
_TOLD_BESIDE = re.compile(
    r"\bd[a-z0-9 ]{0,12}s(?:abonn|inscri)|\bunsubscri|\bopt(?:ed)? out|\b(?:black|block) ?list|\bnpai\b"
    r"|\bdcd\b|\bdecede"
    r"|\bne (?:plus|pas) (?:\w+ )?(?:ecri|envoy|contact|relanc|sollicit|recevoir|adress)|\bbounced\b"
    r"|\bdo not (?:e ?)?(?:mail|contact|send|write|email)|\bno longer subscrib|abgemeldet|uitgeschreven|disiscritt"
)
#: Fast path: what is in each of these.
_BESIDE_HINT = re.compile("bon|scri|out|list|np|dc|c.d|ne|boun|not|mel|schr", re.IGNORECASE)
#: Before a name, in capitals, or to have it last in a sorted list: STOP Durand, ZZ Durand.
_SHOUTED = re.compile(r"STOP(?:[ :!]|-(?!-)) ?\S|[Zz]{2,}[ .]|[Xx]{2,}[ .]")
_SHOUTS = frozenset("SZzXx")
#: Lines through letters, as a page of the web strikes them out.
_STRUCK = re.compile("[\u0335-\u0338]")
#: What stands in brackets, or beside a dash or a stroke between spaces, may be a note.
_IN_BRACKETS = re.compile(r"\(([^()]*)\)|\[([^\[\]]*)\]|\*([^*]*)\*")
_NOTE_BESIDE = re.compile(r"\s[-–—/:]\s")
_NOTE_HINT = frozenset("([-–—/:*†")
_NOTED_WORDS = frozenset(
    [
        "out",
        "inactif",
        "inactive",
        "removed",
        "deleted",
        "radie",
        "radiee",
        "retire",
        "retiree",
        "refus",
        "bounce",
        "exclu",
    ]
)
#: Other alphabets: Russian, Greek, Chinese, Japanese.
_IN_OTHER_LETTERS = re.compile("отпис|απεγγρ|退订|退訂|取消订阅|取消訂閱|解除|配信停止|退会")
#: "Adresse fermée" and not "adresse ferme du Moulin": told by the accent alone.
_CLOSED = re.compile(r"(?:e-?mail|adresse|courriel|bo[iî]te)s? (?:\w+ )?ferm[ée]{1,2}e?\b(?! du| de)", re.IGNORECASE)
#: Characters of a cell that are looked at.
_LONGEST = 20_000
_FIGURES = re.compile("[0-9]")
_SEPARATORS = re.compile(r"[,;|/#\n]|:::")


@lru_cache(maxsize=20_000)
def tells_of_leaving(cell: str) -> bool:
    """Whether a cell of a column that is not read says that the reader left, bounced or complained."""
    if not cell or cell.isdigit():
        return False
    words = plain(cell[:_LONGEST])
    if any(hint in words for hint in _HINTS) and _TOLD.search(words) is not None:
        return True
    if not cell.isascii() and (
        "†" in cell or _STRUCK.search(cell) or _IN_OTHER_LETTERS.search(cell) or _closed(cell[:_LONGEST])
    ):
        return True
    return any(map(_is_a_word_for_it, _SEPARATORS.split(cell[:_LONGEST])))


def tells_beside_a_name(cell: str) -> bool:
    """Whether a cell that holds a name says so, too: ``Durand (désabonnée)``. ``Stop`` may be a name."""
    if len(cell) < 3:
        return False
    if (cell[0] in _SHOUTS and _SHOUTED.match(cell)) or (not cell.isascii() and _STRUCK.search(cell)):
        return True
    if _BESIDE_HINT.search(cell) and _TOLD_BESIDE.search(plain(cell[:_LONGEST])) is not None:
        return True
    if _NOTE_HINT.isdisjoint(cell):
        return False
    if "†" in cell:
        return True
    beside = _NOTE_BESIDE.split(cell[:_LONGEST])
    notes = [note for found in _IN_BRACKETS.findall(cell[:_LONGEST]) for note in found if note]
    return any(map(_is_noted, (*notes, *(beside if len(beside) > 1 else ()))))


def _is_noted(note: str) -> bool:
    return tells_of_leaving(note) or answer_key(note) in _NOTED_WORDS


def _closed(cell: str) -> bool:
    return _CLOSED.search(unicodedata.normalize("NFC", cell)) is not None


def _composed(tag: str) -> str:
    return unicodedata.normalize("NFC", tag).strip().casefold()


#: Words that are one for leavers by their accent alone, and the sign of the dead.
_GONE_SIGNS = frozenset(("†", "fermé", "fermée"))


def _is_a_word_for_it(tag: str) -> bool:
    if not 0 < len(tag) <= 40 or _FIGURES.search(tag):
        return False
    return is_gone(tag) or answer_key(tag) in _GONE_WORDS or _composed(tag) in _GONE_SIGNS

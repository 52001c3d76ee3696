"""Names of columns, folded (``values.fold``), that are about something else than asking for letters, or leaving."""

from __future__ import annotations

import re

#: Column names of common exports that match, or hold yes and no, and are not about email consent.
_HARMLESS_WORDS = (
    "taxexempt complimentaryplan preferdigests isbestseller marketingcontactstatus leadstatus delinquent "
    "bouncecount numberofbounces bouncescore sendthissubscriberhtmlemails didthissubscribermanuallyconfirm "
    "numeroabonne noabonne nabonne numerodabonne idabonne codeabonne donotmodifycontact private prive privat "
    "privado privato"
)
HARMLESS = frozenset(_HARMLESS_WORDS.split())
#: Names of columns in which "x" or "no" is a tag or a note, and no answer.
FREE_TEXT = re.compile("tags?|labels?|notes?|etiquettes?|groupes?$|groups?$|motscles")
#: Names of columns that hold names of people, places or things.
OF_PEOPLE = re.compile("name$|^(?:pre)?nom|nom$|ville|city|company|societe|organi[sz]ation|title$|titre|sujet|subject")
#: Names of columns about email or letters, whatever else they are about (Désinscrit newsletter et SMS).
_OF_LETTERS = re.compile("mail|courriel|newsletter|lettre|letter")
#: Names of columns about other channels than email.
_OTHER_CHANNEL = re.compile("sms|phone|fax|docall|donotcall|notcall|whatsapp|trade$|push")
#: Columns that accompany a consent (its IP address, source, URL, last change) and are not the consent itself.
OF_PROOF = re.compile(
    r"(?:optin|optout|consent|confirm)[a-z]*(?:ip|source|timestamp|url|text|version|method)$|(?:changed|updated)(?:at|on)?$"
)
#: Columns with a time in the future that do not say when a payment ends.
OTHER_FUTURE = re.compile("birth|naissance|anniv|next|prochain|event|scheduled")
#: Columns with a date of some readers, and not of others, that is no day of leaving.
OTHER_DAYS = re.compile(
    "birth|naiss|anniv|creat|cree|ajout|added|modif|updat|chang|maj|mise|misajour|last|dern|first|prem|next|prochain|start|debut|since"
    "|depuis|begin|order|command|achat|buy|pa[iy]e|pai?ement|^don|donat|fact|invoice|event|evenem|visit|login|connex|seen|open"
    "|ouvert|cli[cq]|activ(?!e$)|sent|envoi|envoy|adhes|inscri|join|member|regist|signup|confirm|consent|import|sync|export"
    "|(?<!no)contact|appel|call|rdv|rendezvous|relanc|horodat|timestamp|parution|livr|deliver|ship|trial|renouv|renew|sched|timezone"
    "|optin|verif|valid|reply|repon|respon|download|telecharg|purchas|fulfil|paid|refund|rembours|subscri(?!bedto)|abonne|patron|charg|renew|install"
)
#: Names of columns of quantities, in which 0 and 1 are no answer.
QUANTITIES = re.compile(
    "total|(?<!ac)count|nombre|^nb|number|^num|^no$|^n$|qte|quantit|order|commande|achat|click|clic|open(?!edin)|ouvert|score|rating|point"
    "|solde|balance|spent|montant|amount|^age|enfant|child|^ca$|sales|vente|visit|rank|level|niveau|^id|(?<![la])id$|ref|pri[cx]"
    "|^(?:ans?$|annee|year|mois|month|jour|day|duree)|places?$|billet|ticket|exemplaire|session|login|connexion|(?<!aban)don(?:s|ation)?$|quota"
    "|groupe?$|segment|code|^sexe?$|gender|genre|civilit|retard|relance|envoye|recu"
)
#: Names of columns in which a letter is no answer.
LETTERED = re.compile(
    "sex|gender|genre|civilit|title|titre|salut|group|class|zone|bloc|blood|sang|initial|^ab|test|lang"
)

#: Names of columns with codes of places, languages, people and trades...
_CODES_OF_OTHERS = re.compile(
    "pays|countr|land$|regio|provin|^state$|addressstate|^dep(?:t|artement)?$|dpt|cp$|zip|post|locale|devise|currency"
    "|monnaie|gmt|dst|fuseau|taille|size|pointure|par$|owner|commercial|suivi|resp|gestion|conseil|vendeur|agent|jurid"
    "|legal|annee|year|promo|naf|ape$|siret|saison|season|fonction|job|metier|profession|diplom|grade|^cc$|salle|room"
    "|secteur|quartier"
)
#: ...and with codes that may be anything.
_CODES = re.compile(
    "codes?(?:abon[a-z]*|lettre|news[a-z]*|e?mail(?:ing)?|envoi|diffusion|liste|client|contact)?|niveau|level"
)


def is_quantity(name: str) -> bool:
    """Whether a folded name of a column is that of a quantity or a number, and not of codes that may be anything."""
    return QUANTITIES.search(name) is not None and _CODES.fullmatch(name) is None


def has_codes_of_others(name: str) -> bool:
    """Whether what stands in a column called ``name`` as 1, 2, 3 or A, B, C is a quantity, or a code of a place, a
    person or the like."""
    if any(other.search(name) for other in (_CODES_OF_OTHERS, LETTERED, OF_PEOPLE)) or FREE_TEXT.match(name):
        return True
    return is_quantity(name)


def of_another_channel(name: str) -> bool:
    """Whether a folded name of a column is about another channel than email, and not about letters, too."""
    return _OTHER_CHANNEL.search(name) is not None and _OF_LETTERS.search(name) is None

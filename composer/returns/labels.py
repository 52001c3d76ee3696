"""What a judgement is called, for people."""

from __future__ import annotations

from composer.locale import gettext as _
from composer.returns.judgement import BounceClass, Cause, Judgement, ReturnKind
from composer.returns.return_act import ReturnAct


def kind_label(kind: ReturnKind) -> str:
    match kind:
        case ReturnKind.BOUNCE:
            return _("bounce")
        case ReturnKind.COMPLAINT:
            return _("complaint")
        case ReturnKind.AUTO_REPLY:
            return _("automatic answer")
        case ReturnKind.UNSUBSCRIBE:
            return _("wish to leave")
        case ReturnKind.OTHER:
            return _("something else")


def class_label(bounce_class: BounceClass) -> str:
    match bounce_class:
        case BounceClass.HARD:
            return _("hard")
        case BounceClass.SOFT:
            return _("soft")
        case BounceClass.POLICY:
            return _("policy")


def act_label(act: ReturnAct) -> str:
    match act:
        case ReturnAct.NONE:
            return _("nothing follows")
        case ReturnAct.UNKNOWN:
            return _("no such reader or mailing: nothing follows")
        case ReturnAct.AGAIN:
            return _("known already")
        case ReturnAct.NOTED:
            return _("noted")
        case ReturnAct.SUPPRESSED:
            return _("nothing is sent there any more")
        case ReturnAct.UNSUBSCRIBED:
            return _("the subscription ended")
        case ReturnAct.HELD:
            return _("held: that provider says so of too many")
        case ReturnAct.LISTED:
            return _("noted: the reader pays")
        case ReturnAct.FREED:
            return _("freed: a later letter was accepted")
        case ReturnAct.COUNTED:
            return _("an answer to that letter, counted")


def why(judgement: Judgement) -> str:
    """The cause in words, and what the far host said."""
    cause = cause_label(judgement.cause)
    return _("{cause}: {words}").format(cause=cause, words=judgement.words) if judgement.words else cause


def cause_label(cause: Cause) -> str:
    match cause:
        case Cause.QUOTA:
            return _("the mailbox is full")
        case Cause.SENDER:
            return _("our address or our server is refused")
        case Cause.SIZE:
            return _("the letter is too long for that server")
        case Cause.LOOP:
            return _("mail for this address goes round in a circle")
        case Cause.NO_MAIL:
            return _("the domain takes no mail, or is not there")
        case Cause.TEMPORARY:
            return _("not now, that server says")
        case Cause.REFUSED:
            return _("refused for what we are or what we wrote")
        case Cause.GROUP:
            return _("a group that takes no mail from us")
        case Cause.DISABLED:
            return _("the mailbox is closed, for now or for good")
        case Cause.UNKNOWN:
            return _("there is no such mailbox")
        case Cause.UNCLEAR:
            return _("no reason that we know")
        case Cause.REPORTED:
            return _("the reader called it spam")
        case Cause.LEAVES:
            return _("written to the address for leaving")
        case Cause.AUTOMATIC:
            return _("a program answered")
        case Cause.DELAYED:
            return _("late, and still being tried")
        case Cause.DELIVERED:
            return _("it arrived")
        case Cause.RECEIPT:
            return _("a receipt")
        case Cause.NO_COMPLAINT:
            return _("a report that complains of nothing")
        case Cause.ORDINARY:
            return _("ordinary mail")
        case Cause.NO_MESSAGE:
            return _("not a message: it begins with no header field")
        case Cause.TOO_BIG:
            return _("not read: larger than 10 MB")
        case Cause.TOO_DEEP:
            return _("not read: more than twenty parts within parts")
        case Cause.NOT_READ:
            return _("not read: it took too long, or too much memory")

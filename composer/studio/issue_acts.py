"""What is done to an issue from the newsroom's sheet, by the functions of the command line and in its words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from zoneinfo import ZoneInfo

from composer import clock
from composer.approval import freeze
from composer.approval.digests import files_used, source_digest, sponsors_printed
from composer.approval.history import past_issues
from composer.approval.model import Unsealed
from composer.approval.pushing import pushing_words
from composer.approval.translations import whole_verdict
from composer.database import read_only
from composer.delivery.ledger.readers import count_readers, readers_words
from composer.delivery.trial import hand_over, require_allowed, trial_editions, trial_letters
from composer.errors import Refused, WrongUsage
from composer.issue.files import sealed_path
from composer.issue.load import load_issue
from composer.locale import gettext as _
from composer.locale import ngettext
from composer.schedule.beginning import begin_issue, next_free, renew_schemas
from composer.schedule.manual import open_later, skip
from composer.schedule.manual_words import held_then_words, instant_typed, planned_words, skipped_words
from composer.schedule.occurrences import Occurrence, occurrences_of
from composer.schedule.outlook import outlook_lines
from composer.schedule.sent_words import goes_on, sent_before
from composer.schedule.standing_words import approval_standing, standing_line
from composer.schedule.wording import approved_words, letter_words, state_of_due_date, unapproved_words
from composer.studio.act import Right, StudioUser
from composer.studio.issue_list import subject_set
from composer.studio.newsroom_act import ActDone, ActPlace, ActQuestion, FormField, NewsroomAct, seen_digest
from composer.subscribers import read_address

#: Addresses of one test letter.
MOST_ADDRESSES = 10


def _ask_new(place: ActPlace, _user: StudioUser) -> ActQuestion:
    date = place.date or next_free(place.newsroom, place.publication).isoformat()
    hint = "" if place.date else _("the next due one without an issue")
    asked = FormField("date", _("Date of the issue"), "date", date, hint)
    title = place.newsroom.publications[place.publication].title
    line = _("The skeleton of the issue is written, from the publication’s configuration.")
    return ActQuestion(_("A new issue of {title}").format(title=title), [line], _("Begin it"), "new", [asked])


def _new(place: ActPlace, _user: StudioUser, said: Mapping[str, str]) -> ActDone:
    path, remarks = begin_issue(place.newsroom, place.publication, said.get("date") or None)
    renew_schemas(place.newsroom)
    address = f"/issue/{path.parent.name}/{path.stem}"
    return ActDone(path.relative_to(place.newsroom.root).as_posix(), remarks, (_("Write it"), address))


def _ask_approval(place: ActPlace, user: StudioUser) -> ActQuestion:
    key, path = place.issue
    counted = place.counts.of(path, place.newsroom)
    lines = list(_stands(place))
    if counted.mistakes:
        refused = ngettext(
            "There is {n} mistake: it cannot be approved before it is mended.",
            "There are {n} mistakes: it cannot be approved before they are mended.",
            counted.mistakes,
        )
        lines.append(refused.format(n=counted.mistakes))
    else:
        lines.append(ngettext("{n} remark", "{n} remarks", counted.all).format(n=counted.all))
        lines += outlook_lines(place.newsroom, key, before=True)
        lines += filter(None, [goes_on(place.newsroom, key)])
    by = _("Approve, as {by}").format(by=user.actor.name)
    title = _("Approve {issue}").format(issue=letter_words(key, place.newsroom))
    return ActQuestion(title, lines, None if counted.mistakes else by, _source(place))


def _approve(place: ActPlace, user: StudioUser, said: Mapping[str, str]) -> ActDone:
    key, path = place.issue
    newsroom = place.newsroom
    shown = said["seen"].partition(".")[0]  # the file's own digest: what is saved from now on is not approved
    seal = freeze.approve(path, newsroom, user.actor.name, past_issues(newsroom, key), shown=shown)
    under_way = sent_before(newsroom, seal)
    lines = [*(outlook_lines(newsroom, key) if under_way is None else [under_way]), pushing_words(newsroom.root)]
    return ActDone(approved_words(seal), list(filter(None, lines)))


def _ask_unapproval(place: ActPlace, _user: StudioUser) -> ActQuestion:
    key, _path = place.issue
    lines = [*_stands(place), *filter(None, [goes_on(place.newsroom, key)])]
    approved = sealed_path(place.issue[1]).is_dir()
    button = _("Take the approval back") if approved else None
    return ActQuestion(
        _("Take back the approval of {issue}").format(issue=letter_words(key, place.newsroom)),
        lines,
        button,
        _source(place),
    )


def _unapprove(place: ActPlace, _user: StudioUser, _said: Mapping[str, str]) -> ActDone:
    key, path = place.issue
    freeze.unapprove(path)
    lines = filter(None, [pushing_words(place.newsroom.root), goes_on(place.newsroom, key)])
    return ActDone(unapproved_words(path), list(lines))


def _ask_skip(place: ActPlace, _user: StudioUser) -> ActQuestion:
    assert place.key is not None
    key = place.key
    row = _row(place)
    lines = [state_of_due_date(row.state)] if row is not None else []
    if row is not None and row.reason is not None:
        lines = [f"{lines[0]} ({state_of_due_date(row.reason)})"]
    lines.append(_("Its readers have had it, or never will: nothing of it leaves by itself."))
    state = (row.state, row.reason) if row is not None else ()
    return ActQuestion(
        _("Skip {issue}").format(issue=letter_words(key, place.newsroom)),
        lines,
        _("Skip it"),
        seen_digest(key, *state),
        final=True,
    )


def _skip(place: ActPlace, _user: StudioUser, _said: Mapping[str, str]) -> ActDone:
    assert place.key is not None
    key = place.key
    skip(clock.now(), place.newsroom, place.ledger, key.publication, key.date, key.slug)
    return ActDone(skipped_words(str(key)), [])


def _ask_when(place: ActPlace, _user: StudioUser) -> ActQuestion:
    key, path = place.issue
    row = _row(place)
    title = _("Send {issue} at an hour of its own").format(issue=letter_words(key, place.newsroom))
    if isinstance(found := whole_verdict(path, place.newsroom), Unsealed):
        return ActQuestion(title, [found.sentence], None, _source(place))
    zone = place.newsroom.settings.timezone
    full = (clock.now().astimezone(ZoneInfo(zone)) + timedelta(hours=1)).replace(minute=0)
    hint = _("by the clocks of {zone}").format(zone=zone)
    at = FormField("at", _("It leaves at"), "datetime-local", f"{full:%Y-%m-%dT%H:%M}", hint)
    lines = [*_stands(place), *outlook_lines(place.newsroom, key)]
    state = (row.state, row.due_at) if row is not None else ()
    return ActQuestion(title, lines, _("Plan it"), seen_digest(_source(place), *state), [at])


def _send_at(place: ActPlace, _user: StudioUser, said: Mapping[str, str]) -> ActDone:
    key, path = place.issue
    at = instant_typed(said.get("at", ""), ZoneInfo(place.newsroom.settings.timezone))
    if at <= clock.now():
        raise Refused(_("that hour is past"))
    held = open_later(clock.now(), path, place.newsroom, place.ledger, at)
    if held is not None:
        return ActDone(planned_words(str(key), at, place.newsroom), [held_then_words(held)])
    with read_only(place.ledger).connect() as connection:
        readers = readers_words(count_readers(connection, place.newsroom, key.publication))
    return ActDone(planned_words(str(key), at, place.newsroom), [readers])


def _ask_test(place: ActPlace, user: StudioUser) -> ActQuestion:
    key, _path = place.issue
    relays = ", ".join(relay.key for relay in place.newsroom.settings.relays)
    lines = [
        _("The issue as it stands, marked as a test: the free and the paid edition, to each address."),
        _("It goes through {relays}; nothing is written in the ledger.").format(relays=relays),
    ]
    to = FormField("to", _("To"), "text", user.actor.address, _("one address, or ten at most with commas between them"))
    return ActQuestion(
        _("A test letter of {issue}").format(issue=letter_words(key, place.newsroom)),
        lines,
        _("Send the test"),
        _source(place),
        [to],
    )


def _test(place: ActPlace, _user: StudioUser, said: Mapping[str, str]) -> ActDone:
    key, path = place.issue
    newsroom = place.newsroom
    given = [each for each in said.get("to", "").replace(";", ",").replace("\n", ",").split(",") if each.strip()]
    if not given or len(given) > MOST_ADDRESSES:
        raise WrongUsage(_("a test letter goes to one address, or to ten at most"))
    addresses = [read_address(each.strip()).email for each in given]
    require_allowed(newsroom, addresses)
    letters = trial_letters(newsroom, trial_editions(newsroom, path, clock.now()), addresses)
    said_of = [told.line for told in hand_over(newsroom, newsroom.settings.relays, letters.messages)]
    return ActDone(_("The test letter of {issue} left").format(issue=key), [*filter(None, [letters.remark]), *said_of])


def _row(place: ActPlace) -> Occurrence | None:
    """What the ledger holds of its due date."""
    assert place.key is not None
    with read_only(place.ledger).connect() as connection:
        rows = occurrences_of(connection, place.key.publication)
    return next((row for row in rows if (row.due_date, row.slug) == (place.key.date, place.key.slug)), None)


def _stands(place: ActPlace) -> Iterator[str]:
    """How the approval stands, with what changed since, in prose."""
    _key, path = place.issue
    subject = load_issue(path, place.newsroom).value
    if subject is not None:
        yield _("“{name}”").format(name=subject_set(subject, place.newsroom))
    found = approval_standing(path, place.newsroom)
    yield _("It is not approved yet.") if found is None else standing_line(found, place.newsroom)


def _source(place: ActPlace) -> str:
    """The digest of the issue's file, then that of its approval and of what else is printed in it."""
    key, path = place.issue
    newsroom = place.newsroom
    seal = sealed_path(path) / "seal.yaml"
    issue = load_issue(path, newsroom).value
    beside = () if issue is None else (files_used(issue, newsroom, path.parent), sponsors_printed(issue, newsroom))
    approved = seal.read_bytes() if seal.is_file() else b""
    return f"{source_digest(path, newsroom.root)}.{seen_digest(key, approved, *beside)}"


ISSUE_ACTS: Mapping[str, NewsroomAct] = {
    "approve": NewsroomAct(Right.APPROVE, _ask_approval, _approve),
    "unapprove": NewsroomAct(Right.APPROVE, _ask_unapproval, _unapprove),
    "send-at": NewsroomAct(Right.SEND, _ask_when, _send_at),
    "skip": NewsroomAct(Right.SEND, _ask_skip, _skip),
    "test": NewsroomAct(Right.TEST, _ask_test, _test),
}
NEW = NewsroomAct(Right.WRITE, _ask_new, _new)

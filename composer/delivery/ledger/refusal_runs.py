"""Runs of refusals: a relay that refuses one reader after another is the cause, whatever it says. So is one that
gives no reply to one message after another: each is a doubt, for a person to settle.

A run has a weight, over all workers: a refused reader adds two, a message accepted since takes one away. Ten readers in
a row (``IN_A_ROW``), or so many more that the accepted ones between them do not count, complete it: the mailing is
paused, and every reader of the run is queued again. Readers of one domain count ``OF_ONE`` times at most, and a run
spans ``DOMAINS`` domains: a closed domain is not the relay. In a mailing with fewer domains, neither holds. The domains
of one mailbox provider are one.

An accepted message writes nothing here. Each worker remembers when it began the last few messages that were accepted,
and reports them with its next refusal (``RefusalReport``); those begun before the run do not count, because the relay
took them before it began to refuse. BUGS: messages accepted by a worker that is refused nothing do not count at all:
where two workers have ways to the relay that differ, the refusals of one stop the mailing for both.

Where another relay can take over, the one that completes a run of refusals is left for an hour, as one that refuses our
configuration is, and the mailing goes on; the other one, too, is asked ten times before it is paused. A run of doubts
pauses in any case: each one costs a person's time.

After a pause the readers of the run are asked again. Those refused then are deferred as after a temporary refusal, and
count in no run: the same reader stops a mailing once.

A mailing that ends in refusals (``end_in_refusals``) is paused for fewer: a short list would be refused whole.

Readers given up after temporary refusals count in no run while others were accepted meanwhile, ``MEANWHILE`` times as
many as were given up: dead servers are tried again, and given up, together at a mailing's end.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from enum import IntEnum
from hashlib import blake2b
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Connection, Exists, Row, and_, delete, func, literal_column, or_, select, update

from composer.clock import elapsed
from composer.database import db_now, insert_or_ignore
from composer.delivery.smtp.reply import Outcome
from composer.delivery.state import LIVE, NOT_OVER, TAKEN, MailingState, State
from composer.delivery.tables import deliveries, mailings, paces, refusal_runs, run_refusals
from composer.locale import gettext as _

IN_A_ROW = 10  #: readers refused in a row, after which the next one would be refused alike
OF_ONE = 6  #: readers of one domain that count
DOMAINS = 3  #: domains that a run spans
LAST = 3  #: readers refused last, with none to come: they stop a mailing
MEANWHILE = 4  #: accepted readers for each one given up: then that is no sign
_REFUSED = 2  #: weight of a refusal; an acceptance takes one away
REMEMBERED = 2 * _REFUSED * IN_A_ROW  #: acceptances that a worker remembers: more than any weight


class Effect(IntEnum):
    """What an outcome did to its mailing. ``ELSEWHERE``: it goes on through another relay; ``STOPPED``: it was not
    being sent any more."""

    NONE = 0
    ELSEWHERE = 1
    PAUSED = 2
    STOPPED = 3


_REFUSAL = (
    *(deliveries.c.id, deliveries.c.email, deliveries.c.provider),
    *(deliveries.c.reply_code, deliveries.c.reply_status, deliveries.c.reply_text),
)

#: Suspends a relay, for the reason given, if another one can take over; whether one can.
Leave: TypeAlias = Callable[[Connection, str], bool]


@dataclass(frozen=True)
class RefusalReport:
    """What a worker tells with a refusal.

    ``domain``: the reader's (``domain_of``). ``accepted``: instants (``clock.elapsed``) at which it began its last
    accepted messages of this mailing, since its last report. ``few``: the mailing has fewer than ``DOMAINS`` domains.
    ``again``: the outcome if a refusal of this reader stopped the mailing before. ``counts``: False once it did.
    ``waited``: seconds since the first of several temporary refusals, of which this is the last; 0 if it is none.
    ``relay``: key of the relay that refused. ``leave``: how that one is left; None where there is no other.
    """

    domain: str
    accepted: Sequence[float] = ()
    few: bool = False
    again: Outcome | None = None
    counts: bool = True
    waited: float = 0.0
    relay: str = ""
    leave: Leave | None = None


def doubted(connection: Connection, deliveries_refused: Collection[int]) -> set[int]:
    """Those of ``deliveries_refused`` that stopped their mailing before."""
    these = run_refusals.c.delivery_id.in_(deliveries_refused), run_refusals.c.doubted
    return set(connection.execute(select(run_refusals.c.delivery_id).where(*these)).scalars())


def effect(
    connection: Connection,
    mailing_id: int,
    delivery_id: int,
    outcome: Outcome,
    report: RefusalReport | None,
    held: bool,
) -> Effect:
    """Pause the mailing if ``outcome`` asks for it, or completes a run; ``report`` is None if it counts in none.

    ``held``: whether the delivery's row still belonged to the attempt. A refusal whose row was taken back meanwhile, as
    a pause does with every message before its dot, counts in no run, nor does that of a reader whose refusal stopped
    the mailing before; its connection is told of the pause all the same, or it would go on to another reader.
    """
    leave = report.leave if report is not None else None
    if outcome.pause:
        if leave is not None and leave(connection, str(outcome)):
            return Effect.ELSEWHERE
        if not _pause(connection, mailing_id, str(outcome)):
            return Effect.STOPPED
        if held and report is not None and report.again is not None:
            _doubt(connection, mailing_id, delivery_id, report.domain)
        return Effect.PAUSED
    if report is None:
        return Effect.NONE
    if not held or not report.counts or _others_were_accepted(connection, mailing_id, report.waited):
        return Effect.NONE if connection.execute(select(_live(mailing_id))).scalar_one() else Effect.STOPPED
    if not _count(connection, mailing_id, delivery_id, report):
        return Effect.NONE
    why = _why()
    if outcome.state is State.IN_DOUBT:
        why = _(
            "of one message after another nobody knows whether the relay took it; those in doubt are not sent again by "
            "themselves: filigrane deliveries {id} --in-doubt. Look into the relay’s log and mend it, then resume. The "
            "last one: {reply}"
        )
    why = why.format(reply=outcome, id=mailing_id)
    definite = outcome.state is not State.IN_DOUBT or _left(connection, report)
    if definite and leave is not None and leave(connection, why):
        connection.execute(delete(run_refusals).where(_of_run(mailing_id)))  # a refusal by the other one counts anew
        return Effect.ELSEWHERE
    _doubt(connection, mailing_id, delivery_id, report.domain)
    connection.execute(update(run_refusals).where(_of_run(mailing_id)).values(doubted=True))
    return Effect.PAUSED if _pause(connection, mailing_id, why) else Effect.STOPPED


def end_in_refusals(connection: Connection, mailing_id: int) -> bool:
    """Pause a mailing of which nothing is to come, and queue the refused readers again, where the relay accepted none
    of them, ``LAST`` at least, whatever their domains; or where the present run has ``LAST`` readers, of ``DOMAINS``
    domains, and none was accepted after it. Whether it did so; once a mailing, but for runs of other readers."""
    refused = _whole(connection, mailing_id) or _last_run(connection, mailing_id)
    if not refused:
        return False
    for row in refused:
        _doubt(connection, mailing_id, row.id, domain_of(row.email or "", row.provider))
    _queue_again(connection, [row.id for row in refused])
    said = " ".join(str(part) for part in tuple(refused[-1])[3:] if part)
    return _pause(connection, mailing_id, _why().format(reply=said))


def _whole(connection: Connection, mailing_id: int) -> list[Row[Any]]:
    """The refused readers of a mailing that was refused whole, and is for the first time."""
    of = deliveries.c.mailing_id == mailing_id
    taken = select(deliveries.c.id).where(of, deliveries.c.state.in_((*TAKEN, State.IN_DOUBT))).exists()
    before = select(run_refusals.c.delivery_id).where(run_refusals.c.mailing_id == mailing_id, run_refusals.c.doubted)
    if connection.execute(select(or_(taken, before.exists()))).scalar_one():
        return []
    these = select(*_REFUSAL).where(of, deliveries.c.state == State.REJECTED)
    refused: list[Row[Any]] = list(connection.execute(these.order_by(deliveries.c.changed_at)))
    return refused if len(refused) >= LAST else []


def _last_run(connection: Connection, mailing_id: int) -> list[Row[Any]]:
    """The refused readers of the present run, if it is long enough for a mailing's end."""
    run = connection.execute(select(refusal_runs).where(refusal_runs.c.mailing_id == mailing_id)).one_or_none()
    if run is None or run.stopped:
        return []
    among = run_refusals.join(deliveries, deliveries.c.id == run_refusals.c.delivery_id)
    these = select(*_REFUSAL).select_from(among).where(_of_run(mailing_id), deliveries.c.state == State.REJECTED)
    refused: list[Row[Any]] = list(connection.execute(these.order_by(deliveries.c.changed_at)))
    domains = Counter(domain_of(row.email or "", row.provider) for row in refused)
    weight = _REFUSED * sum(min(number, OF_ONE) for number in domains.values())
    weight -= _accepted_since(connection, mailing_id, deliveries.c.changed_at > run.begun_at, most=weight)
    return refused if weight >= _REFUSED * LAST and len(domains) >= DOMAINS else []


def _others_were_accepted(connection: Connection, mailing_id: int, waited: float) -> bool:
    """Whether so many were accepted within the last ``waited`` seconds that those given up say nothing of the relay."""
    if not waited:
        return False
    since = deliveries.c.changed_at > db_now(-waited)
    temporary = deliveries.c.state == State.REJECTED, func.coalesce(deliveries.c.reply_code, 0) < 500
    these = select(func.count()).where(deliveries.c.mailing_id == mailing_id, since, *temporary)
    enough = MEANWHILE * connection.execute(these).scalar_one()
    return _accepted_since(connection, mailing_id, since, most=enough) >= enough


def _accepted_since(connection: Connection, mailing_id: int, since: ColumnElement[bool], most: int) -> int:
    """Number of accepted readers for which ``since`` is true, ``most`` at most: the newest rows are looked at first."""
    of = deliveries.c.mailing_id == mailing_id, deliveries.c.state == State.ACCEPTED
    some = select(deliveries.c.id).where(*of, since).order_by(deliveries.c.id.desc()).limit(most).subquery()
    return connection.execute(select(func.count()).select_from(some)).scalar_one()


def _live(mailing_id: int) -> Exists:
    return select(mailings.c.id).where(mailings.c.id == mailing_id, mailings.c.state.in_(LIVE)).exists()


def _pause(connection: Connection, mailing_id: int, why: str) -> bool:
    pause = update(mailings).where(mailings.c.id == mailing_id, mailings.c.state.in_(LIVE))
    return connection.execute(pause.values(state=MailingState.PAUSED, reason=why)).rowcount == 1


def _why() -> str:
    return _(
        "the relay refuses one reader after another; none of them is refused for it, their messages are queued again. "
        "Find out what it has against us, then resume. It says: {reply}"
    )


def _left(connection: Connection, report: RefusalReport) -> bool:
    """Whether the relay that refused is suspended, and there is another one."""
    these = paces.c.relay == report.relay, paces.c.provider == "", paces.c.quiet_until > db_now()
    return report.leave is not None and bool(connection.execute(select(select(paces).where(*these).exists())).scalar())


def _doubt(connection: Connection, mailing_id: int, delivery_id: int, domain: str) -> None:
    row = insert_or_ignore(connection, run_refusals)
    connection.execute(row.values(delivery_id=delivery_id, mailing_id=mailing_id, domain=_digest(domain)))
    connection.execute(update(run_refusals).where(run_refusals.c.delivery_id == delivery_id).values(doubted=True))


def _count(connection: Connection, mailing_id: int, delivery_id: int, report: RefusalReport) -> bool:
    """Count the refusal that ``delivery_id`` was just settled with. True if it completes the run, or a run had stopped
    the mailing, or made it leave that relay; then the refused readers are queued again."""
    run = _run(connection, mailing_id)
    if (run.stopped and not run.live) or _left(connection, report):
        _queue_again(connection, [delivery_id])
        return True
    age = (run.now - run.begun_at).total_seconds()
    instant = elapsed()
    weight = run.weight - sum(instant - begun < age for begun in report.accepted)
    domains = run.domains
    this = refusal_runs.c.mailing_id == mailing_id
    of_run = _of_run(mailing_id)
    if weight <= 0 or run.stopped:
        connection.execute(delete(run_refusals).where(of_run))
        connection.execute(update(refusal_runs).where(this).values(begun_at=db_now()))
        weight, domains = 0, 0
    domain = _digest(report.domain)
    alike = select(literal_column("1")).where(of_run, run_refusals.c.domain == domain).limit(OF_ONE).subquery()
    known = connection.execute(select(func.count()).select_from(alike)).scalar_one()
    row = insert_or_ignore(connection, run_refusals).values(
        delivery_id=delivery_id, mailing_id=mailing_id, domain=domain
    )
    if connection.execute(row.returning(run_refusals.c.delivery_id)).first():  # it was not in the run yet
        weight += _REFUSED if report.few or known < OF_ONE else 0
        domains += known == 0
    complete = weight >= _REFUSED * IN_A_ROW and (report.few or domains >= DOMAINS)
    values = {"weight": weight, "domains": domains, "stopped": complete}
    connection.execute(update(refusal_runs).where(this).values(values))
    if complete:
        refused = list(connection.execute(select(run_refusals.c.delivery_id).where(of_run)).scalars())
        _queue_again(connection, refused)
    return complete


def _of_run(mailing_id: int) -> ColumnElement[bool]:
    return and_(run_refusals.c.mailing_id == mailing_id, ~run_refusals.c.doubted)


def few_domains(connection: Connection, mailing_id: int) -> bool:
    """Whether the readers of the mailing have fewer than ``DOMAINS`` domains: as many reads of a row, as a rule."""
    address = func.lower(deliveries.c.email)
    others = [deliveries.c.mailing_id == mailing_id, deliveries.c.email.is_not(None)]
    for _number in range(DOMAINS):
        row = connection.execute(select(deliveries.c.email, deliveries.c.provider).where(*others).limit(1)).first()
        if row is None:
            return True
        domain = domain_of(row.email, row.provider)
        same = deliveries.c.provider == domain if row.provider else address.endswith("@" + domain, autoescape=True)
        others.append(~same)
    return False


def forget_runs(connection: Connection) -> None:
    """Delete the runs of mailings that are over."""
    over = select(mailings.c.id).where(mailings.c.state.not_in(NOT_OVER))
    for table in (run_refusals, refusal_runs):
        connection.execute(delete(table).where(table.c.mailing_id.in_(over)))


def domain_of(address: str, provider: str) -> str:
    """The domain of ``address``; the name of its mailbox provider, if that is a known one, for all of its domains."""
    return provider or address.rpartition("@")[2].lower()


def _digest(domain: str) -> str:
    return blake2b(domain.encode(), digest_size=8).hexdigest()


def _run(connection: Connection, mailing_id: int) -> Row[Any]:
    """The run's row, locked until the transaction ends, with the time and whether the mailing is being sent."""
    connection.execute(insert_or_ignore(connection, refusal_runs).values(mailing_id=mailing_id))
    this = refusal_runs.c.mailing_id == mailing_id
    # Locked first: PostgreSQL reads a row anew once it has its lock, but not what a subquery has read of other tables.
    connection.execute(select(refusal_runs.c.mailing_id).where(this).with_for_update())
    live = _live(mailing_id).label("live")
    return connection.execute(select(refusal_runs, db_now().label("now"), live).where(this)).one()


def _queue_again(connection: Connection, refused: Sequence[int]) -> None:
    for start in range(0, len(refused), 500):  # SQLite limits the parameters of a statement
        these = deliveries.c.id.in_(refused[start : start + 500])
        settled = deliveries.c.state.in_((State.REJECTED, State.DEFERRED))
        connection.execute(
            update(deliveries)
            .where(these, settled)
            .values(state=State.QUEUED, not_before=None, reply_code=None, reply_status=None, reply_text=None)
        )

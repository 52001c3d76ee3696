"""The report of the demonstration: outcomes by mailing, and a check of the messages received."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import func, select

from composer.database import read_only
from composer.delivery.ledger.labels import state_word
from composer.delivery.ledger.mailings import outcomes
from composer.delivery.state import State
from composer.delivery.tables import deliveries, mailings
from composer.demo.run import Told
from composer.demo.verify import received
from composer.locale import gettext as _
from composer.message.dkim import public_record
from composer.newsroom.environment import dkim_key


def outcome_table(told: Told) -> list[list[str]]:
    """A row of headings, then one for each outcome; a column for each mailing."""
    with read_only(told.engine).connect() as connection:
        found = connection.execute(select(mailings).order_by(mailings.c.id)).all()
        retried: dict[int, int] = dict(
            connection.execute(
                select(deliveries.c.mailing_id, func.count())
                .where(deliveries.c.state == "accepted", deliveries.c.deferrals > 0)
                .group_by(deliveries.c.mailing_id)
            )
            .tuples()
            .all()
        )
    counts = {mailing.id: outcomes(told.engine, mailing.id) for mailing in found}
    rows = [["", *(f"{mailing.publication} {mailing.date}" for mailing in found)]]
    rows.append([_("mailing"), *(state_word(mailing.state) for mailing in found)])
    rows.append([_("readers"), *(str(sum(counts[mailing.id].values())) for mailing in found)])
    for state in State:
        if any(state in count for count in counts.values()):
            rows.append([state_word(state), *(str(counts[mailing.id].get(state, 0)) for mailing in found)])
        if state is State.ACCEPTED:
            rows.append([_("  after a 450"), *(str(retried.get(mailing.id, 0)) for mailing in found)])
    return rows


def proofs(told: Told) -> Iterator[str]:
    """Lines about what was received: counts, signatures, and where everything lies."""
    found = received(told.received)
    pem = dkim_key(told.newsroom)
    assert pem is not None
    record = public_record(pem)
    valid = sum(message.signature_holds(record) for message in found)
    if told.accepted == 0:
        yield _("Nothing was sent: each issue already has its mailing, and each reader in it a definite outcome.")
        yield _("A mailing is unique by publication, date and slug; remove {folder} to play from the start.").format(
            folder=told.received.parent
        )
    twice = len(found) - len({(message.recipient, message.message["Message-ID"]) for message in found})
    line = _("{messages} messages received in all, {twice} twice; {valid} DKIM signatures valid.")
    yield line.format(messages=len(found), twice=twice, valid=valid)
    yield _("The log: {file}").format(file=told.received.parent / "log.json")
    yield _("Received messages: {folder}").format(folder=told.received)
    yield _("The letters as pages: {folder}").format(folder=told.received.parent / "pages" / "index.html")
    yield _("The ledger: filigrane --newsroom {folder} mailings").format(folder=told.received.parent / "newsroom")
    online = _("The letters online: http://127.0.0.1:8025/a/ once you type: filigrane --newsroom {folder} web")
    yield online.format(folder=told.received.parent / "newsroom")

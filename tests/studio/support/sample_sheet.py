"""A newsroom with a letter in every state that the sheet shows, a day each, counted from today."""

from __future__ import annotations

from datetime import date as Date
from datetime import datetime, timedelta
from pathlib import Path

import yaml
from sqlalchemy import insert, select, update

from composer.approval.freeze import approve
from composer.clock import now
from composer.delivery.tables import deliveries, mailings
from composer.newsroom import load_newsroom
from composer.schedule.manual import open_now
from composer.schedule.tables import occurrences
from tests.delivery.support.sample_ledger import Reader, add_readers
from tests.schedule.support.sample_hour import PARIS, SECRET
from tests.support.address_keys import open_database
from tests.support.newsrooms import ISSUE, write_issue, write_newsroom, write_publication, write_sponsor
from tests.support.sent_mailings import insert_mailing

DAYS = [f"{name}day" for name in ("mon", "tues", "wednes", "thurs", "fri", "satur", "sun")]
PROMISE = """\
  - a_surveiller:
      title: La notification du lot 3
      text: Le recours expire.
      id: lot-3
      due: {due}
"""


TODAY = now().astimezone(PARIS).date()


def day(offset: int) -> Date:
    """So many days from today, in Paris."""
    return TODAY + timedelta(days=offset)


def name(offset: int) -> str:
    return f"vendredi/{day(offset)}"


def write_sheet(folder: Path) -> Path:
    """A letter each day, in every state, and three readers; mailing 2 is being sent, and 3
    has been stopped for a month."""
    root = write_newsroom(folder).resolve()
    write_publication(root, "vendredi", {"every": DAYS, "at": "07:00"})
    promise = PROMISE.format(due=day(2))
    for offset in (-6, -5, -1, 1, 3):
        path = write_issue(root, "vendredi", day(offset), ISSUE + promise if offset == -1 else ISSUE)
        approve(path, load_newsroom(root), "Odile Ferrand")
    write_issue(root, "vendredi", day(2), "subject: {subject}\nblocks:\n- edito: {{headline: Quai, bodi: Un mot}}\n")
    changed = root / "issues" / f"{name(3)}.yaml"
    changed.write_text(changed.read_text("utf-8").replace("le port respire", "le port attend"), "utf-8")
    write_sponsor(root)
    sponsor = root / "config/sponsors/voilerie.yaml"
    sold = yaml.safe_load(sponsor.read_text("utf-8"))
    sold["advertiser"] = "La Voilerie<script>alert(1)</script>"
    slot = {"publication": "vendredi", "slot": "haut"}
    sold["bookings"] = [
        slot | {"date": str(day(1)), "creative": "cires"},
        slot | {"date": str(day(4)), "creative": "voiles"},
    ]
    sponsor.write_text(yaml.safe_dump(sold, allow_unicode=True), "utf-8")
    engine = open_database("sqlite:///var/filigrane.db", root, create=True)
    add_readers(engine, [Reader("a@example.org", "paid"), Reader("b@example.org"), Reader("c@example.org")])
    for offset, served_now in ((-1, 3), (-6, 1)):
        mailing = open_now(now(), root / "issues" / f"{name(offset)}.yaml", load_newsroom(root), engine, SECRET)
        with engine.begin() as connection:
            rows = connection.execute(select(deliveries.c.id).where(deliveries.c.mailing_id == mailing)).scalars().all()
            accepted = update(deliveries).where(deliveries.c.id.in_(rows[:served_now]))
            connection.execute(accepted.values(state="accepted"))
            if offset == -1:
                connection.execute(update(mailings).where(mailings.c.id == mailing).values(state="done"))
    with engine.begin() as connection:
        for offset, state, reason in ((-2, "missed", "too-late"), (-3, "skipped", "by-hand"), (-4, "held", "long-gap")):
            due = datetime.combine(day(offset), datetime.min.time(), PARIS)
            row = {"publication": "vendredi", "due_date": day(offset), "due_at": due, "state": state, "reason": reason}
            connection.execute(insert(occurrences).values(row))
        stopped, _edition = insert_mailing(connection, date=day(-30))
        connection.execute(update(mailings).where(mailings.c.id == stopped).values(state="paused"))
    engine.dispose()
    return root

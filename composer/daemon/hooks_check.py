"""Doctor's look at the doors of operators' reports: can a report be kept and believed, and does it name its letter?"""

from __future__ import annotations

from sqlalchemy import func, select

from composer.database import connect, read_only, require_current
from composer.errors import FiligraneError, Refused
from composer.locale import gettext as _
from composer.newsroom.environment import mailgun_signing_key, pages_database_url
from composer.newsroom.model import Newsroom


def look_at_hooks(newsroom: Newsroom) -> str:
    """The open doors. Raises ``Refused`` where what is posted there would be lost, or not believed."""
    hooks = newsroom.settings.hooks
    providers = dict.fromkeys(hooks.providers) if hooks is not None else {}
    wrong = []
    if not _granted(newsroom):
        wrong.append(
            _(
                "the readers’ pages may not keep what operators report, and every report is refused: sudo -u postgres "
                "psql --dbname filigrane --file deploy/database-pages.sql"
            )
        )
    if "mailgun" in providers and not mailgun_signing_key():
        wrong.append(
            _("FILIGRANE_MAILGUN_SIGNING_KEY is not given: no report of Mailgun's is believed without it"),
        )
    named = {relay.provider for relay in newsroom.settings.relays}
    for provider in providers:
        # Amazon and Mailgun hand back the return path, too.
        if provider in ("brevo", "postmark") and provider not in named:
            says = _("no relay says “provider: {provider}”: what it reports does not say whose letter it is")
            wrong.append(says.format(provider=provider))
    if wrong:
        raise Refused("\n".join(wrong))
    return _("open to {providers}; their addresses: filigrane returns hooks").format(providers=", ".join(providers))


def _granted(newsroom: Newsroom) -> bool:
    """Whether the pages' role may add a report; True where that is not known, which the check of the database says."""
    try:
        engine = connect(pages_database_url(newsroom), newsroom.root)
    except FiligraneError:
        return True
    try:
        if engine.dialect.name != "postgresql":
            return True
        require_current(engine)
        with read_only(engine).connect() as connection:
            adds = func.has_table_privilege("hook_posts", "INSERT")
            counts = func.has_column_privilege("hook_posts", "id", "SELECT")
            return bool(connection.execute(select(adds & counts)).scalar_one())
    except FiligraneError:
        return True
    finally:
        engine.dispose()

"""Mailbox providers: groups of domains behind the same servers, each with its limits (``providers.toml``).

BUGS: a custom domain hosted by one of these providers is not recognized; that would need an MX lookup.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import CTE, ColumnElement, String, literal, select, union_all
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from composer.newsroom.model import Newsroom

_TABLE = Path(__file__).with_name("providers.toml")


@dataclass(frozen=True)
class MailboxProvider:
    """One provider. ``connections``: maximum messages under way to it at once; None for no limit."""

    domains: frozenset[str]
    connections: int | None = None
    per_second: float | None = None
    source: str = ""


@cache
def shipped() -> Mapping[str, MailboxProvider]:
    """The table shipped with the package, by group name."""
    return {
        name: MailboxProvider(frozenset(row["domains"]), row["connections"], None, row["source"])
        for name, row in tomllib.loads(_TABLE.read_text(encoding="utf-8")).items()
    }


def groups(newsroom: Newsroom) -> Mapping[str, MailboxProvider]:
    """The shipped table with the newsroom's ``providers:`` applied: new groups added, named fields of others replaced.

    A domain that the newsroom assigns to a group is removed from any other group.
    """
    found = dict(shipped())
    own = newsroom.settings.providers
    taken = {domain.lower() for given in own.values() for domain in given.domains or ()}
    for name, group in shipped().items():
        found[name] = MailboxProvider(group.domains - taken, group.connections, group.per_second, group.source)
    for name, given in own.items():
        before = found.get(name, MailboxProvider(frozenset()))
        found[name] = MailboxProvider(
            before.domains if given.domains is None else frozenset(map(str.lower, given.domains)),
            before.connections if given.connections is None else given.connections,
            before.per_second if given.per_second is None else given.per_second,
            "config/newsroom.yaml",
        )
    return found


def provider_of(found: Mapping[str, MailboxProvider], email: str) -> str:
    """The group of the address's provider; empty for all others."""
    domain = email.rpartition("@")[2].lower()
    return next((name for name, group in found.items() if domain in group.domains), "")


def domains(found: Mapping[str, MailboxProvider]) -> CTE:
    """The table as SQL rows (``domain``, ``provider``), to join with ``domain_of`` an address."""
    rows = [(domain, name) for name, group in found.items() for domain in sorted(group.domains)]
    return union_all(
        *(select(literal(domain).label("domain"), literal(name).label("provider")) for domain, name in rows)
    ).cte("provider_domains")


class domain_of(FunctionElement[str]):
    """SQL function: the lower-case domain of an address column."""

    type = String()
    inherit_cache = True
    name = "domain_of"

    def __init__(self, address: ColumnElement[Any]) -> None:
        super().__init__(address)


@compiles(domain_of, "sqlite")
def _sqlite(element: domain_of, compiler: SQLCompiler, **options: Any) -> str:
    address = compiler.process(element.clauses, **options)
    return f"lower(substr({address}, instr({address}, '@') + 1))"


@compiles(domain_of, "postgresql")
def _postgresql(element: domain_of, compiler: SQLCompiler, **options: Any) -> str:
    address = compiler.process(element.clauses, **options)
    return f"lower(substr({address}, strpos({address}, '@') + 1))"

"""Rows out of a file that pg_dump wrote. Nothing else in the file is used, and no statement of it is run.

psql would run what stands in such a file: SQL of any kind, and shell commands (``\\!``). Tables and columns are those
of the database that is filled; the file only says which of them its rows hold.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from psycopg import Error
from sqlalchemy import Connection, MetaData, Table, func, select

from composer.database.errors import translated
from composer.errors import Refused
from composer.locale import gettext as _

_COPY = re.compile(rb'COPY (?:[^".\s]+\.)?"?([a-z0-9_]+)"? \(([a-z0-9_", ]+)\) FROM stdin;\n')
_ENCODING = re.compile(rb"SET client_encoding = '([A-Za-z0-9_]+)';\n")
_COUNTER = re.compile(rb"SELECT pg_catalog\.setval\('(?:[^'.\s]+\.)?([a-z0-9_]+)', ([0-9]{1,18}), true\);\n")
_END = b"\\.\n"

_REVISION = "alembic_version"


@dataclass(frozen=True)
class _Rows:
    """Where the rows of one table begin in the file, and the columns that they hold."""

    columns: tuple[str, ...]
    offset: int


@dataclass(frozen=True)
class DumpIndex:
    """Where the rows of each table begin in the file ``path``; its encoding; the last ids given out by sequence."""

    path: Path
    encoding: str
    blocks: dict[str, _Rows]
    counters: dict[str, int]


def read_index(dump: Path) -> DumpIndex:
    """Read the whole file: before the transaction, which the server would end for its silence."""
    with dump.open("rb") as file:
        return DumpIndex(dump, *_index(file))


def load_rows(connection: Connection, index: DumpIndex) -> tuple[str, ...]:
    """Copy the rows into the tables, which are there and empty; continue their ids where the file does. Return what
    was left out, tables and columns that were added beside ours.

    Raises ``Refused`` where the rows of one of these tables, or a column, are not there; ``OutsideWorld`` where the
    database is away. The transaction is the caller's, and is lost then.
    """
    tables = MetaData()
    tables.reflect(connection)
    encoding, blocks, counters = index.encoding, index.blocks, index.counters
    with index.path.open("rb") as file:
        ours = [table for table in tables.sorted_tables if table.name != _REVISION]
        if not blocks.keys() >= {table.name for table in ours}:
            raise _damaged()
        if encoding:
            connection.execute(select(func.set_config("client_encoding", encoding, True)))
        for table in ours:  # what a row refers to comes before it
            _copy(connection, table, blocks[table.name], file)
    for table in ours:
        _continue(connection, table, counters)
    others = blocks.keys() - {_REVISION} - {table.name for table in ours}
    columns = {f"{each.name}.{name}" for each in ours for name in blocks[each.name].columns if name not in each.columns}
    return tuple(sorted(others | columns))


def _index(file: BinaryIO) -> tuple[str, dict[str, _Rows], dict[str, int]]:
    """The encoding of the file, its tables' rows by table, and the last ids given out by sequence."""
    encoding, blocks, counters = "", dict[str, _Rows](), dict[str, int]()
    offset = 0
    while line := file.readline():
        offset += len(line)
        if found := _COPY.fullmatch(line):
            name = found[1].decode()
            columns = tuple(each.strip().strip('"') for each in found[2].decode().split(","))
            if name in blocks:
                raise _damaged()
            blocks[name] = _Rows(columns, offset)
            offset += sum(map(len, _data(file))) + len(_END)
        elif found := _COUNTER.fullmatch(line):
            counters[found[1].decode()] = int(found[2])
        elif found := _ENCODING.fullmatch(line):
            encoding = found[1].decode()
    return encoding, blocks, counters


def _data(file: BinaryIO) -> Iterator[bytes]:
    """The rows from here to the mark that ends them. Raises ``Refused`` where the file ends before."""
    while (line := file.readline()) != _END:
        if not line:
            raise _damaged()
        yield line


def _copy(connection: Connection, table: Table, rows: _Rows, file: BinaryIO) -> None:
    if not set(rows.columns) >= set(table.columns.keys()):
        raise _damaged()
    quote = connection.dialect.identifier_preparer.quote
    kept = [number for number, name in enumerate(rows.columns) if name in table.columns]
    statement = f"COPY {quote(table.name)} ({', '.join(quote(rows.columns[number]) for number in kept)}) FROM STDIN"
    driver = connection.connection.driver_connection
    assert driver is not None
    file.seek(rows.offset)
    try:
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            for line in _data(file):
                copy.write(line if len(kept) == len(rows.columns) else _part(line, kept, len(rows.columns)))
    except Error as error:  # "from None": its words may quote a reader's address
        raise translated(error, connection.engine) or _damaged() from None


def _part(line: bytes, kept: Sequence[int], columns: int) -> bytes:
    """The cells ``kept`` of a row; a tab in a cell is escaped in such a file."""
    cells = line.removesuffix(b"\n").split(b"\t")
    if len(cells) != columns:
        raise _damaged()
    return b"\t".join(cells[number] for number in kept) + b"\n"


def _continue(connection: Connection, table: Table, counters: dict[str, int]) -> None:
    """Give out ids above the last one that the file knows, also where that row is deleted since."""
    if "id" not in table.columns:
        return
    sequence = connection.execute(select(func.pg_get_serial_sequence(table.name, "id"))).scalar_one()
    if sequence and (last := counters.get(str(sequence).rpartition(".")[2].strip('"'))):
        connection.execute(select(func.setval(sequence, last)))


def _damaged() -> Refused:
    return Refused(_("the backup is damaged: {file}").format(file="database"))

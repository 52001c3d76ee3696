"""The JSON Schemas of a newsroom, ``schema/<kind>.<language>.json``, which text editors read."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel

from composer.errors import OutsideWorld
from composer.file_modes import make_shared, share
from composer.locale import Language
from composer.locale import gettext as _
from composer.locale.os_errors import os_reason
from composer.source.schema import JsonSchema, Offers, nothing, schema_of

#: Folder of the JSON Schemas.
SCHEMAS = "schema"

#: Most bytes of a schema that is compared; those written are about 100 KB.
_MOST = 1_000_000


def write_schemas(
    folder: Path, kinds: Mapping[str, type[BaseModel]], language: Language, offers: Offers = nothing
) -> list[Path]:
    """Write the JSON Schema of each kind of file, ``<kind>.<language>.json``, over earlier ones.

    Raises ``OutsideWorld`` where the disk refuses.
    """
    written = []
    for kind, model in kinds.items():
        path = folder / f"{kind}.{language}.json"
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        text = json.dumps(schema_of(model, language, f"Filigrane: {kind}", offers), ensure_ascii=False, indent=1)
        try:
            make_shared(folder)
            draft.write_text(text + "\n", encoding="utf-8")
            share(draft)
            draft.replace(path)
        except OSError as error:
            with suppress(OSError):
                draft.unlink()
            raise OutsideWorld(_("{file} cannot be written: {why}").format(file=path, why=os_reason(error))) from error
        written.append(path)
    return written


def old_schemas(folder: Path, kinds: Mapping[str, type[BaseModel]]) -> dict[Path, Language]:
    """The schemas in ``folder`` that this version would write otherwise, with the language of their keys.

    The values that they offer are not compared: they change with the newsroom.
    """
    found: dict[Path, Language] = {}
    for language in get_args(Language):
        for kind, model in kinds.items():
            path = folder / f"{kind}.{language}.json"
            if path.is_file() and _read(path) != _grammar(schema_of(model, language, f"Filigrane: {kind}")):
                found[path] = language
    return found


def _read(path: Path) -> Any:
    try:
        with path.open("rb") as file:
            return _grammar(json.loads(file.read(_MOST)))
    except (OSError, ValueError, RecursionError):
        return None


def _grammar(schema: Any) -> Any:
    """``schema`` without the values that it offers."""
    if isinstance(schema, dict):
        kept: JsonSchema = {key: _grammar(value) for key, value in schema.items() if key != "examples"}
        return kept
    return [_grammar(each) for each in schema] if isinstance(schema, list) else schema

"""The tables of blocks in docs/grammar.md, made from the models.

    make grammar

rewrites what stands between ``<!-- table: name -->`` and ``<!-- end -->``, and the schemas of the example newsroom;
tests compare. What a model cannot say stands under its table, by hand.
"""

from __future__ import annotations

import re
from pathlib import Path

from composer.issue.block import Block
from composer.issue.blocks import BLOCKS, DIRECTIVES
from composer.issue.directives import option
from composer.issue.offers import FILE_KINDS, stock_of
from composer.locale import Language
from composer.newsroom import load_newsroom
from composer.newsroom.schema_files import SCHEMAS, write_schemas
from composer.source.field_spec import FieldSpec, Kind, RecordField, RecordSpec, record_of
from composer.source.vocabulary import block_name, key_name, value_name

PAGE = Path(__file__).parents[1] / "docs" / "grammar.md"
_TABLE = re.compile(r"(<!-- table: (\w+) -->\n).*?(<!-- end -->\n)", re.DOTALL)
_HEAD = "| English | French | what it is |\n|---|---|---|\n"


def page(text: str) -> str:
    """The page with its tables as the models are now; that of a block that was added stands before the next one's."""
    after = "## Markdown\n"
    for name in reversed(BLOCKS):
        mark = f"<!-- table: {name} -->\n"
        if mark not in text:
            text = text.replace(after, f"{mark}<!-- end -->\n\n{after}")
        after = mark
    return _TABLE.sub(lambda found: found[1] + (_boxes() if found[2] == "boxes" else _block(found[2])) + found[3], text)


def _block(name: str) -> str:
    model = BLOCKS[name]
    french = block_name(name, "fr")
    called = f"**`{name}`**" + (f", in French `{french}`" if french != name else "")
    own = [field for key, field in record_of(model).fields.items() if key not in Block.model_fields]
    rows = "".join(f"| {_bold(field)} | `{_named(field, 'fr')}` | {_what(field)} |\n" for field in own)
    return f"{called}; main field `{model.main}`.\n\n{_HEAD}{rows}"


def _what(field: RecordField) -> str:
    words = field.description.replace("|", "\\|")
    choices = [choice for each in field.shape.scalars if each.kind is Kind.CHOICE for choice in each.choices]
    if len(choices) > 1:
        words += "; " + ", ".join(f"`{each}`" for each in choices)
        french = [value_name(each, "fr") for each in choices]
        words += f" (`{'`, `'.join(french)}`)" if french != choices else ""
    below = _record(field.shape)
    if below is not None:
        words += ": " + ", ".join(_both(each) for each in below.fields.values() if each.key not in Block.model_fields)
    return words


def _record(shape: FieldSpec) -> RecordSpec | None:
    """What the items of a list, or the field itself, are made of. A picture has its own table."""
    record = shape.record or (shape.items.record if shape.items is not None else None)
    return None if record is None or issubclass(record.model, Block) else record


def _boxes() -> str:
    rows = ""
    for name, model in DIRECTIVES.items():
        shape = model.boxed
        assert shape is not None
        fields = {key: option(model, key)[1] for key in (shape.argument, shape.text, *shape.options)}
        options = ", ".join(_both(fields[key]) for key in shape.options if key != "audience")
        french = block_name(name, "fr")
        called = f"`{name}`" + (f" `{french}`" if french != name else "")
        rows += f"| {called} | {_both(fields[shape.argument])} | {options} | {_both(fields[shape.text])} |\n"
    return f"| box | argument | options | text |\n|---|---|---|---|\n{rows}"


def _both(field: RecordField) -> str:
    french = _named(field, "fr")
    return _bold(field) + (f" `{french}`" if french != field.key else "")


def _bold(field: RecordField) -> str:
    return f"**`{field.key}`**" if field.required else f"`{field.key}`"


def _named(field: RecordField, language: Language) -> str:
    return key_name(field.key, language, field.model)


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    example = load_newsroom(PAGE.parents[1])
    write_schemas(example.root / SCHEMAS, FILE_KINDS, example.settings.keys, stock_of(example).offered)

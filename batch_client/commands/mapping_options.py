"""The options that say how a record becomes an item."""

import codecs
from collections.abc import Callable, Iterable
from typing import Any

import click

from batch_client.records import formats, paths
from batch_client.records.cell_types import TYPES
from batch_client.records.field_mapping import FieldMapping
from batch_client.records.formats import Form
from batch_client.records.item_builder import ItemBuilder
from batch_client.records.path_template import PathTemplate
from batch_client.records.paths import Path

_METHODS = ("POST", "PUT", "PATCH", "DELETE", "GET")

_OPTIONS = (
    click.option(
        "--format", "format_name", type=click.Choice(formats.FORMATS), help="Of the file; its name says it otherwise."
    ),
    click.option("--delimiter", help="Between the cells of a CSV file.  [default: a comma]"),
    click.option("--encoding", default="utf-8", show_default=True, help="Of a CSV or TSV file."),
    click.option("--method", type=click.Choice(_METHODS, case_sensitive=False), default="POST", show_default=True),
    click.option(
        "--path", "path_text", metavar="TEMPLATE", help="Of each call, below the entity: /{userId} takes it from a column."
    ),
    click.option("--id-column", metavar="COLUMN", help="Whose value is the item's own id."),
    click.option(
        "--map", "maps", metavar="COLUMN=PLACE", multiple=True, help="Where in the body a column goes: city=address.city"
    ),
    click.option("--drop", "drops", metavar="COLUMN", multiple=True, help="Leave a column out."),
    click.option("--set", "sets", metavar="PLACE=VALUE", multiple=True, help="Put a value into each body."),
    click.option("--type", "types", metavar="PLACE=TYPE", multiple=True, help=f"Read a text as one of: {', '.join(TYPES)}."),
)


def mapping_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command those options."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def read_form(file: str, *, format_name: str | None, delimiter: str | None, encoding: str) -> Form:
    """Say how a file is read; raise a usage error for options that make no sense together."""
    form = format_name or formats.guess(file)
    if form not in ("csv", "tsv") and delimiter is not None:
        raise click.UsageError(f"--delimiter is for tables, and this is {form}.")
    sign = {"\\t": "\t", None: "\t" if form == "tsv" else ","}.get(delimiter, delimiter)
    if sign is None or len(sign) != 1 or sign in '"\r\n':
        raise click.UsageError(f"--delimiter is one character, and {delimiter!r} is not.")
    try:
        "".encode(encoding)
        name = codecs.lookup(encoding).name
    except LookupError:
        raise click.UsageError(f"--encoding: there is no encoding {encoding!r}.") from None
    if form not in ("csv", "tsv") and name != "utf-8":
        raise click.UsageError("--encoding: JSON is UTF-8.")
    return Form(form, sign, name)


def read_mapping(
    *,
    method: str,
    path_text: str | None,
    id_column: str | None,
    maps: Iterable[str],
    drops: Iterable[str],
    sets: Iterable[str],
    types: Iterable[str],
) -> FieldMapping:
    """Put the options together; raise a usage error for what makes no sense."""
    moves = _pairs("--map", maps)
    constants = _by_place("--set", _pairs("--set", sets))
    kinds = _by_place("--type", _pairs("--type", types))
    unknown = next((kind for kind in kinds.values() if kind not in TYPES), None)
    if unknown is not None:
        raise click.UsageError(f"--type: {unknown!r} is none of {', '.join(TYPES)}.")
    try:
        mapping = FieldMapping(
            method=method.upper(),
            path=None if path_text is None else PathTemplate(path_text),
            id_column=id_column,
            moves={column: paths.parse(place) for column, place in moves.items()},
            drops=tuple(drops),
            constants=constants,
            types=kinds,
        )
        ItemBuilder(mapping, nests=True)
    except ValueError as error:
        raise click.UsageError(f"{error}.") from None
    _check(mapping)
    return mapping


def _check(mapping: FieldMapping) -> None:
    clash = paths.clash([*mapping.moves.values(), *mapping.constants])
    if clash is not None:
        raise click.UsageError(f"Two options fill {paths.dotted(clash[0])!r} in the body, or what lies in it.")
    if not mapping.has_body and (mapping.moves or mapping.constants or mapping.types):
        raise click.UsageError(f"A {mapping.method} has no body for --map, --set and --type.")
    if mapping.method in ("PUT", "PATCH", "DELETE") and mapping.path is None:
        raise click.UsageError(f"A {mapping.method} needs a --path, as /{{id}}: it says which column names what is changed.")


def _pairs(option: str, texts: Iterable[str]) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not name or not equals:
            raise click.UsageError(f"{option} wants NAME=VALUE, and {text!r} is not.")
        if name in pairs:
            raise click.UsageError(f"{option} names {name!r} twice.")
        pairs[name] = value
    return pairs


def _by_place(option: str, pairs: dict[str, str]) -> dict[Path, str]:
    try:
        return {paths.parse(name): value for name, value in pairs.items()}
    except ValueError as error:
        raise click.UsageError(f"{option}: {error}.") from None

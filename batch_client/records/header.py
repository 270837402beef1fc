"""Whether a mapping fits the columns of a table, before a row of it is read."""

from collections.abc import Sequence
from difflib import get_close_matches

from batch_client.records import paths
from batch_client.records.field_mapping import FieldMapping
from batch_client.records.record import OWN_PREFIX, RecordsError


def check_header(mapping: FieldMapping, header: Sequence[str]) -> None:
    """Raise RecordsError for a column that is not there, a place that is filled twice, and a type of nothing."""
    for column, option in mapping.named.items():
        if column not in header:
            raise unknown_column(column, option, header)
    if not mapping.has_body:
        return
    targets = list(mapping.moves.values())
    for name in header:
        if name not in mapping.named and not name.startswith(OWN_PREFIX):
            try:
                targets.append(paths.parse(name))
            except ValueError:
                hint = "leave it out (--drop) or say where it goes (--map)"
                raise RecordsError(f"The column {name!r} names no place in a body; {hint}.") from None
    clash = paths.clash([*targets, *(path for path in mapping.constants if path not in targets)])
    if clash is not None:
        first, second = map(paths.dotted, clash)
        raise RecordsError(
            f"Two columns or options fill {first!r} in the body; see --map and --drop."
            if first == second
            else f"{first!r} in the body would be both a value and an object with {second!r} in it; see --map and --drop."
        )
    for path in mapping.types:
        if path not in targets and path not in mapping.constants:
            known = [paths.dotted(target) for target in targets]
            raise unknown_column(paths.dotted(path), "--type", known)


def unknown_column(name: str, option: str, known: Sequence[str]) -> RecordsError:
    """Say that an option names what is not there, and what it may have meant."""
    near = get_close_matches(name, known, n=1)
    there = f"; did you mean {near[0]!r}?" if near else f"; there is {', '.join(known)}." if known else "."
    return RecordsError(f"{option} names {name!r}, which no record has{there}")

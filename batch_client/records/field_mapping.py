"""Which columns of a record go where in an item."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from batch_client.records.path_template import PathTemplate
from batch_client.records.paths import Path

WITHOUT_BODY = frozenset({"GET", "HEAD", "DELETE"})


@dataclass(frozen=True, slots=True)
class FieldMapping:
    """What the options of an import say.

    A column that fills the path or is the id is in the body only where it is mapped there.
    """

    method: str = "POST"
    path: PathTemplate | None = None
    id_column: str | None = None
    moves: Mapping[str, Path] = field(default_factory=dict)
    drops: Sequence[str] = ()
    constants: Mapping[Path, str] = field(default_factory=dict)
    types: Mapping[Path, str] = field(default_factory=dict)

    @property
    def has_body(self) -> bool:
        """Whether its items have one."""
        return self.method not in WITHOUT_BODY

    @property
    def named(self) -> dict[str, str]:
        """The columns that options name, each with its option; by their own names they are no members of the body."""
        return {
            **dict.fromkeys(self.drops, "--drop"),
            **dict.fromkeys(self.moves, "--map"),
            **dict.fromkeys(self.path.columns if self.path else (), "--path"),
            **({self.id_column: "--id-column"} if self.id_column else {}),
        }

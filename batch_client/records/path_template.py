"""A path with variables: `/{userId}/orders` (RFC 6570, level 1)."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

_VARIABLE = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class PathTemplate:
    """A path below the entity's collection; each variable names a column, whose value becomes one encoded segment."""

    text: str

    def __post_init__(self) -> None:
        if not self.text.startswith("/"):
            raise ValueError(f'a path begins with "/", and {self.text!r} does not')
        if re.search(r"[{}]", _VARIABLE.sub("", self.text)) or "" in self.columns:
            raise ValueError(f"{self.text!r} has a brace that names no column")

    @property
    def columns(self) -> list[str]:
        """The columns that it needs."""
        return _VARIABLE.findall(self.text)

    def fill(self, text_of: Callable[[str], str]) -> str:
        """Fill in the values; raise ValueError for one that is no segment of a path."""

        def segment(match: re.Match[str]) -> str:
            value = text_of(match[1])
            if value in (".", ".."):
                raise ValueError(f"{match[1]} is {value!r}, which leads out of the path")
            return quote(value, safe="")

        return _VARIABLE.sub(segment, self.text)

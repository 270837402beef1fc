"""The published contracts against those of today."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tools.contract_gate.documents import Document, version_of
from tools.contract_gate.operations import compare
from tools.contract_gate.rules import RULES, Finding

_SUMS = "SHA256SUMS"
_HOW = "Keep what was published, or make it a new version of the contract: docs/versioning.md says how.\n"


class ReleaseError(Exception):
    """A contract cannot be published as it is."""


@dataclass(frozen=True, slots=True)
class Contracts:
    """A folder of contracts, and what was published of each below `released/`."""

    folder: Path

    def check(self) -> tuple[bool, str]:
        """Return whether nothing that was published is broken, and what differs, in words."""
        lines = [f"{fault}\n" for fault in self._edited()]
        is_good = not lines
        for name in self._names():
            published = self._newest(name)
            if published is None:
                lines.append(f"{name}: not published yet\n")
                continue
            findings = self._findings(name, published)
            breaks = [finding for finding in findings if finding.rule.breaks]
            is_good = is_good and not breaks
            lines.append(_summary(name, published.stem, len(breaks), len(findings) - len(breaks)))
            lines += [f"  {'BREAKS' if finding.rule.breaks else 'adds'}  {finding}\n" for finding in findings]
        return is_good, "".join(lines) + ("" if is_good else _HOW)

    def release(self) -> list[Path]:
        """Publish every contract that differs from what was published of it; raise ReleaseError."""
        return [made for name in self._names() if (made := self._release(name)) is not None]

    def _release(self, name: str) -> Path | None:
        current = self.folder / f"{name}.yaml"
        published = self._newest(name)
        if published is not None:
            if not current.exists() or published.read_bytes() == current.read_bytes():
                return None
            findings = self._findings(name, published)
            if any(finding.rule.breaks for finding in findings):
                raise ReleaseError(f"{name} breaks {published.stem}: make check says where.")
            _check_number(name, Document.read(current).version, version_of(published.stem), adds=bool(findings))
        number = ".".join(map(str, Document.read(current).version))
        target = self._released / name / f"{number}.yaml"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(current.read_bytes())
        with (self._released / _SUMS).open("a") as sums:
            sums.write(f"{_digest(target)}  {name}/{number}.yaml\n")
        return target

    @property
    def _released(self) -> Path:
        return self.folder / "released"

    def _names(self) -> list[str]:
        today = {path.stem for path in self.folder.glob("*.v*.yaml") if not path.name.startswith("events.")}
        return sorted(today | {path.name for path in self._released.glob("*.v*") if path.is_dir()})

    def _newest(self, name: str) -> Path | None:
        return max((self._released / name).glob("*.yaml"), key=lambda path: version_of(path.stem), default=None)

    def _findings(self, name: str, published: Path) -> list[Finding]:
        current = self.folder / f"{name}.yaml"
        if not current.exists():
            return [Finding(RULES["version-removed"], name)]
        return compare(Document.read(published), Document.read(current))

    def _edited(self) -> Iterator[str]:
        """Yield which published files are not what they were when they were published."""
        sums = self._released / _SUMS
        lines = sums.read_text().splitlines() if sums.exists() else []
        known = {name: digest for digest, _, name in (line.partition("  ") for line in lines)}
        there = {f"{path.parent.name}/{path.name}": path for path in self._released.glob("*/*.yaml")}
        for name in sorted(known.keys() | there.keys()):
            if name not in there or known.get(name) != _digest(there[name]):
                yield f"released/{name} is not what was published: a published contract is never edited."


def _check_number(name: str, number: tuple[int, ...], published: tuple[int, ...], *, adds: bool) -> None:
    at_least = (published[0], published[1] + 1, 0) if adds else (*published[:2], published[2] + 1)
    if number[0] != published[0] or number < at_least:
        wanted = ".".join(map(str, at_least))
        was = ".".join(map(str, published))
        raise ReleaseError(f"{name} differs from the published {was}: give it the version {wanted} where its API is made.")


def _summary(name: str, version: str, breaks: int, adds: int) -> str:
    if not breaks and not adds:
        return f"{name}: as published in {version}\n"
    return f"{name}: since {version} {breaks} breaking and {adds} additional changes\n"


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()

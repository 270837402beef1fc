"""Conditional requests (RFC 9110 section 13): a user's entity tag is its version."""

import re

from flask import Request

_TAG = re.compile(r'(W/)?"([!#-~\x80-\xff]*)"')
_VERSION = re.compile(r"[1-9][0-9]{0,9}")


def etag(version: int) -> str:
    """Render the strong entity tag of a version."""
    return f'"{version}"'


def if_match(request: Request) -> frozenset[int] | None:
    """Return the versions that `If-Match` names, None if any will do (section 13.1.1: weak tags never match)."""
    header = request.headers.get("If-Match")
    if header is None or header.strip() == "*":
        return None
    return frozenset(int(tag) for weak, tag in _tags(header) if not weak and _VERSION.fullmatch(tag))


def is_not_modified(request: Request, version: int) -> bool:
    """Say whether `If-None-Match` names this version (section 13.1.2: weakly compared)."""
    header = request.headers.get("If-None-Match")
    if header is None:
        return False
    return header.strip() == "*" or any(tag == str(version) for _, tag in _tags(header))


def _tags(header: str) -> list[tuple[str, str]]:
    # A list with anything else in it names nothing: a condition that cannot be read must not count as met.
    if _TAG.sub("", header).strip(" \t,"):
        return []
    return _TAG.findall(header)

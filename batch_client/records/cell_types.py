"""What the text of a cell may mean."""

import math
import re
from collections.abc import Callable
from typing import Any

from batch_client.records import json_text

_BOOLEANS = {"true": True, "false": False, "yes": True, "no": False, "1": True, "0": False}


def _integer(text: str) -> int:
    if not re.fullmatch(r"[+-]?[0-9]{1,4000}", text):  # one more digit, and Python itself refuses
        raise ValueError("is no whole number")
    return int(text)


def _float(text: str) -> float:
    try:
        value = float(text) if re.fullmatch(r"[+-]?[0-9.]+([eE][+-]?[0-9]+)?", text) else math.nan
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise ValueError("is no number")
    return value


def _boolean(text: str) -> bool:
    try:
        return _BOOLEANS[text.lower()]
    except KeyError:
        raise ValueError("is neither true nor false") from None


def _json(text: str) -> Any:
    try:
        return json_text.loads(text)
    except json_text.NotJsonError as error:
        raise ValueError(f"is not JSON: {error}") from None


TYPES: dict[str, Callable[[str], Any]] = {"int": _integer, "float": _float, "bool": _boolean, "json": _json, "text": str}

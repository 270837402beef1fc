"""Text from elsewhere, made fit for a terminal."""

import re

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def plain(text: str) -> str:
    """Show on one line, and without what would move the cursor, change colours or turn the direction of writing."""
    return _CONTROLS.sub(lambda match: " " if match[0] in "\t\n\r" else "\ufffd", text)


def message(text: str) -> str:
    """A sentence of the command's own."""
    return f"batchctl: {plain(text)}"


def counted(number: int, what: str) -> str:
    """Write a number of things."""
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"

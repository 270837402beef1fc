"""What every short text of a user keeps to."""

import re

from users_service.domain.errors import InvalidValueError

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")


def check_text(value: str, *, field: str, max_characters: int) -> None:
    """Raise InvalidValueError unless the text has 1 to `max_characters` characters, none of them a control character."""
    if not value:
        raise InvalidValueError("Must not be empty.", field=field)
    if len(value) > max_characters:
        raise InvalidValueError(f"Longer than {max_characters} characters.", field=field)
    control = _CONTROL.search(value)
    if control:
        raise InvalidValueError(f"Has the control character U+{ord(control.group()):04X}.", field=field)

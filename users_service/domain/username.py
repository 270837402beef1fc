"""Usernames: which are accepted, and when two are the same."""

import unicodedata

from users_service.domain.errors import InvalidValueError
from users_service.domain.text import check_text

MAX_USERNAME_CHARACTERS = 128
# NFKC makes 18 characters of U+FDFA, and PostgreSQL indexes at most 2,704 bytes: 512 characters of 4 bytes fit, and so do the
# 3 characters that honest case folding makes of one at most.
MAX_KEY_CHARACTERS = 512


def check_username(username: str) -> None:
    """Raise InvalidValueError unless this may be a username."""
    check_text(username, field="username", max_characters=MAX_USERNAME_CHARACTERS)
    if username != username.strip():
        raise InvalidValueError("Starts or ends with white space.", field="username")
    if username.isprintable():  # the usual case; false for format characters too, of which honest names may have some
        _check_key(username)
        return
    categories = {unicodedata.category(character) for character in username}
    if "Cn" in categories:
        # What a later Unicode version assigns here may fold to another name; that of assigned characters never changes.
        raise InvalidValueError("Has a character that Unicode does not define.", field="username")
    if all(category[0] in "CZ" for category in categories):
        raise InvalidValueError("Has no visible character.", field="username")
    _check_key(username)


def username_key(username: str) -> str:
    """Return what two spellings of one name share: NFKC, case-folded, NFKC again since folding can undo it."""
    folded = unicodedata.normalize("NFKC", username).casefold()
    return unicodedata.normalize("NFKC", folded)


def _check_key(username: str) -> None:
    if len(username_key(username)) > MAX_KEY_CHARACTERS:
        raise InvalidValueError("Is too long in Unicode normal form NFKC.", field="username")

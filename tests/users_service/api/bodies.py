"""Bodies of new users, good and bad, in an order in which some names are taken already."""

from typing import Any

from tests.users_service.api.users import BCRYPT, IMPORTED

ARGON2ID = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$" + "A" * 43

_ALONE: list[Any] = [
    None,
    5,
    "text",
    [],
    [{"username": "Diego", "password": "123456"}],
    {},
    {"username": "x"},
    {"password": "x"},
]
_FIELDS: dict[str, list[Any]] = {
    "username": [
        None,
        True,
        5,
        ["Diego"],
        "",
        "x" * 128,
        "x" * 129,
        "a\0b",
        " Diego",
        "Diego ",
        "\u200b",
        "\u0378",
        "\ufdfa" * 40,
        "Zoë",
    ],
    "password": [None, 123456, "", "x" * 1024, "x" * 1025, "a\0b", "\0" * 1025, "🔑", "\n\t "],
    "email": [None, 5, "", "a@b@c", "diego@example.org", f"{'a' * 250}@b.org", 'a"\n"@example.org', "ü@example.org"],
    "displayName": [None, 5, "", "x" * 256, "x" * 257, "a\0", "Don Diego"],
    "locale": [None, 5, "", "e", "en_GB", "es-419", "en-" + "abcd-" * 8],
    "metadata": [
        None,
        5,
        [],
        "x",
        {},
        {"a": "x" * 17_000},
        {"\0": 1},
        {"a/": {"~": ["\0"]}},
        {"z": [None], "n": 2**53},
    ],
    "userId": ["x", None],
}
_HASHES: list[Any] = [
    None,
    "x",
    {},
    IMPORTED,
    {"algorithm": "argon2id", "value": ARGON2ID},
    {"algorithm": "md5", "value": "x"},
    {"algorithm": ["bcrypt"], "value": BCRYPT},
    {"algorithm": "bcrypt", "value": 5},
    {"algorithm": "bcrypt", "value": "x"},
    {"algorithm": "bcrypt", "value": "x" * 900},
    {"algorithm": "bcrypt", "value": ARGON2ID},
    {"algorithm": "bcrypt", "value": BCRYPT.replace("$10$", "$31$")},
    {"algorithm": "argon2id", "value": ARGON2ID.replace("19456", "4194304")},
    {**IMPORTED, "salt": "x"},
]
_MANY_FAULTS: dict[str, Any] = {
    "username": 5,
    "password": "",
    "email": "nobody",
    "displayName": "",
    "locale": "english please",
    "metadata": [],
    "passwordHash": {"salt": "x"},
    "admin": True,
}
_NAMES = ["Diego", "DIEGO", "ｄｉｅｇｏ", "Straße", "STRASSE", "diego "]

BODIES: list[Any] = [
    *_ALONE,
    *(
        {"username": f"{field} {number}", "password": "123456", field: value}
        for field, values in _FIELDS.items()
        for number, value in enumerate(values)
    ),
    *({"username": f"hash {number}", "passwordHash": value} for number, value in enumerate(_HASHES)),
    {"username": "both", "password": "123456", "passwordHash": IMPORTED},
    {"username": "both", "password": "123456", "passwordHash": {"algorithm": "bcrypt", "value": "x"}},
    _MANY_FAULTS,
    *({"username": name, "passwordHash": IMPORTED} for name in _NAMES),
]

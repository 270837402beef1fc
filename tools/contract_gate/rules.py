"""The rules, each with an id: what kind of difference breaks a client, and what is an addition.

docs/contract-rules.md is written from this table.
"""

from dataclasses import dataclass
from enum import StrEnum


class Direction(StrEnum):
    """Who writes what a schema describes."""

    REQUEST = "request"
    ANSWER = "answer"


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of difference."""

    id: str
    breaks: bool
    says: str
    why: str


@dataclass(frozen=True, slots=True)
class Finding:
    """A difference between what was published and what there is now."""

    rule: Rule
    place: str
    detail: str = ""

    def __str__(self) -> str:
        said = f"{self.place}: {self.rule.says}" if self.place else self.rule.says
        return f"{said} ({self.detail})  [{self.rule.id}]" if self.detail else f"{said}  [{self.rule.id}]"


_GONE = "Who calls it, sends it or reads it is left with nothing."
_UNEXPECTED = "A client meets something that it was promised not to meet."
_REFUSED = "What a client sends today is refused tomorrow."
_IGNORED = "A client that does not know it goes on without it."
_EASIER = "Whoever did it the old way still may."
_STRICTER = "What was promised is still kept."

_OF_OPERATIONS = (
    Rule("version-removed", True, "the version is no longer there", "It is retired, not removed: docs/versioning.md."),
    Rule("path-removed", True, "the path is gone", _GONE),
    Rule("path-added", False, "a new path", _IGNORED),
    Rule("operation-removed", True, "the operation is gone", _GONE),
    Rule("operation-added", False, "a new operation", _IGNORED),
    Rule("operation-renamed", True, "the operationId is another", "Generated clients name their methods after it."),
    Rule("operation-deprecated", False, "the operation is deprecated", "It works as before."),
    Rule("parameter-removed", True, "the parameter is gone", "It is ignored in silence, or refused."),
    Rule("parameter-added", False, "a new optional parameter", _IGNORED),
    Rule("parameter-added-required", True, "a new parameter that is required", _REFUSED),
    Rule("parameter-required", True, "the parameter has become required", _REFUSED),
    Rule("parameter-optional", False, "the parameter has become optional", _EASIER),
    Rule("parameter-written-otherwise", True, "the parameter is written in another style", _REFUSED),
    Rule("body-removed", True, "the request body is gone", "It is ignored in silence, or refused."),
    Rule("body-added", False, "an optional request body", _IGNORED),
    Rule("body-required", True, "a request body has become required", _REFUSED),
    Rule("body-optional", False, "the request body has become optional", _EASIER),
    Rule("request-media-type-removed", True, "the media type is no longer taken", _REFUSED),
    Rule("request-media-type-added", False, "another media type is taken", _EASIER),
    Rule("status-removed", True, "the status is no longer declared", "A client that acts on it waits for it in vain."),
    Rule("success-added", True, "another status that is no error", "A client takes it for the one it knows."),
    Rule(
        "error-added", False, "another status of an error", "Errors are told apart by their class first (RFC 9110 section 15)."
    ),
    Rule("answer-media-type-removed", True, "the media type is no longer answered", _GONE),
    Rule("answer-media-type-added", False, "another media type is answered to those who ask for it", _IGNORED),
    Rule("header-removed", True, "the header is no longer sent", _GONE),
    Rule("header-added", False, "a new header is sent", _IGNORED),
    Rule("header-optional", True, "the header is no longer sent always", _UNEXPECTED),
    Rule("header-required", False, "the header is sent always", _STRICTER),
    Rule("credential-required", True, "a credential is asked for that was not", _REFUSED),
    Rule("credential-relaxed", False, "less is asked for as a credential", _EASIER),
    Rule("credential-changed", True, "a kind of credential is another than it was", _REFUSED),
    Rule("server-removed", True, "the address of the API is gone", _GONE),
    Rule("server-added", False, "another address of the API", _IGNORED),
)
_OF_MEMBERS = (
    Rule("request-member-removed", True, "the member is no longer taken", "It is refused, or ignored in silence."),
    Rule("request-member-added", False, "a new optional member is taken", _IGNORED),
    Rule("request-member-added-required", True, "a new member that is required", _REFUSED),
    Rule("request-member-required", True, "the member has become required", _REFUSED),
    Rule("request-member-optional", False, "the member has become optional", _EASIER),
    Rule("request-default-changed", True, "what absent means has changed", "Who leaves it out gets something else."),
    Rule("request-default-added", False, "it is said what absent means", _IGNORED),
    Rule("answer-member-removed", True, "the member is no longer answered", _GONE),
    Rule("answer-member-added", False, "a new member is answered", "Clients ignore members that they do not know."),
    Rule("answer-member-optional", True, "the member is no longer always there", _UNEXPECTED),
    Rule("answer-member-required", False, "the member is always there", _STRICTER),
    Rule("keyword-changed", True, "a keyword that this gate does not know has changed", "It cannot be said to be harmless."),
)
_KINDS = {
    "type": "JSON types",
    "values": "enumerated values",
    "limit": "a limit",
    "pattern": "the pattern",
    "format": "the format",
    "choices": "alternatives",
    "members": "members that are not named",
}


def _of_kind(kind: str, name: str) -> list[Rule]:
    return [
        Rule(f"request-{kind}-narrowed", True, f"less is taken than before: {name}", _REFUSED),
        Rule(f"request-{kind}-widened", False, f"more is taken than before: {name}", _EASIER),
        Rule(f"answer-{kind}-narrowed", False, f"less can come than before: {name}", _STRICTER),
        Rule(f"answer-{kind}-widened", True, f"more can come than before: {name}", _UNEXPECTED),
    ]


_NULLABLE = (
    Rule("answer-nullable", True, "it can be null", _UNEXPECTED),
    Rule("request-not-nullable", True, "null is no longer taken", _REFUSED),
)
RULES = {
    rule.id: rule
    for rule in (*_OF_OPERATIONS, *_OF_MEMBERS, *_NULLABLE, *(each for kind in _KINDS.items() for each in _of_kind(*kind)))
}

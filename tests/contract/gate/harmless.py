"""Changes that no client needs to know of, and what the gate calls them; None where it has nothing to say."""

from tests.contract.gate.base import ABSENT, ANSWERED, BASE, CREATE, LIMIT, LIST, SENT, STRING, Pair

_NUMBER = {"type": "number"}
_HEADER = "paths//things/get/responses/200/headers"
_PROBLEM = BASE["components"]["responses"]["Problem"]
_JSON_BODY = BASE["paths"]["/things"]["post"]["requestBody"]

PAIRS = [
    # Paths and operations
    Pair("a path is added", "paths//parts", ABSENT, {"get": {"operationId": "listParts"}}, "path-added"),
    Pair("a method is added", "paths//things/delete", ABSENT, {"operationId": "deleteThings"}, "operation-added"),
    Pair("an operation is deprecated", f"{LIST}/deprecated", False, True, "operation-deprecated"),
    Pair("another address is offered", "servers", [{"url": "/"}], [{"url": "/"}, {"url": "/api"}], "server-added"),
    # Parameters
    Pair(
        "an optional argument is added",
        f"{LIST}/parameters/1",
        ABSENT,
        {"name": "cursor", "in": "query", "schema": STRING},
        "parameter-added",
    ),
    Pair("an argument becomes optional", f"{LIMIT}/required", True, False, "parameter-optional"),
    Pair("the cap of an argument is raised", f"{LIMIT}/schema/maximum", 100, 1000, "request-limit-widened"),
    Pair("it is said what absent means", f"{LIMIT}/schema/default", ABSENT, 100, "request-default-added"),
    # Bodies
    Pair("a body may be sent", f"{CREATE}/requestBody", ABSENT, {**_JSON_BODY, "required": False}, "body-added"),
    Pair("a body becomes optional", f"{CREATE}/requestBody/required", True, False, "body-optional"),
    Pair(
        "CSV is taken too",
        f"{CREATE}/requestBody/content",
        {"application/json": {}},
        {"application/json": {}, "text/csv": {}},
        "request-media-type-added",
    ),
    Pair("an optional member is added", f"{SENT}/size", ABSENT, _NUMBER, "request-member-added"),
    Pair("a member becomes optional", "components/schemas/NewThing/required", ["name"], [], "request-member-optional"),
    Pair(
        "what has no name of its own is taken",
        "components/schemas/NewThing/additionalProperties",
        False,
        ABSENT,
        "request-members-widened",
    ),
    Pair("a number may have a fraction", f"{SENT}/size", {"type": "integer"}, _NUMBER, "request-type-widened"),
    Pair("null is taken", f"{SENT}/size", _NUMBER, {"type": ["null", "number"]}, "request-type-widened"),
    Pair("another value is taken", f"{SENT}/name", {"enum": ["a"]}, {"enum": ["a", "b"]}, "request-values-widened"),
    Pair("a longer text is taken", f"{SENT}/name/maxLength", 50, 100, "request-limit-widened"),
    Pair("the form of a text is free", f"{SENT}/name/pattern", "^[a-z]+$", ABSENT, "request-pattern-widened"),
    Pair("the format of a text is free", f"{SENT}/name/format", "email", ABSENT, "request-format-widened"),
    Pair(
        "another alternative is taken",
        f"{SENT}/size",
        {"anyOf": [_NUMBER]},
        {"anyOf": [_NUMBER, {"type": "boolean"}]},
        "request-choices-widened",
    ),
    # Answers
    Pair("another error is declared", f"{LIST}/responses/429", ABSENT, {}, "error-added"),
    Pair(
        "CSV is answered to those who ask for it",
        f"{LIST}/responses/200/content",
        {"application/json": {}},
        {"application/json": {}, "text/csv": {}},
        "answer-media-type-added",
    ),
    Pair("a header is added", f"{_HEADER}/ETag", ABSENT, {"schema": STRING}, "header-added"),
    Pair("a header is always there", f"{_HEADER}/Link", {}, {"required": True}, "header-required"),
    Pair("a member is added", f"{ANSWERED}/size", ABSENT, _NUMBER, "answer-member-added"),
    Pair("a member is always there", "components/schemas/Thing/required", ["id"], ["id", "name"], "answer-member-required"),
    Pair("a member is never null", f"{ANSWERED}/name", {"type": ["string", "null"]}, STRING, "answer-type-narrowed"),
    Pair("a number is always whole", f"{ANSWERED}/size", _NUMBER, {"type": "integer"}, "answer-type-narrowed"),
    Pair("a value never comes", f"{ANSWERED}/name", {"enum": ["a", "b"]}, {"enum": ["a"]}, "answer-values-narrowed"),
    Pair("a text is never long", f"{ANSWERED}/name/maxLength", ABSENT, 50, "answer-limit-narrowed"),
    Pair("a text has a form", f"{ANSWERED}/id/pattern", ABSENT, "^[a-z]+$", "answer-pattern-narrowed"),
    Pair("a text is a time", f"{ANSWERED}/name/format", ABSENT, "date-time", "answer-format-narrowed"),
    Pair(
        "an alternative never comes",
        f"{ANSWERED}/size",
        {"anyOf": [STRING, _NUMBER]},
        {"anyOf": [_NUMBER]},
        "answer-choices-narrowed",
    ),
    Pair("an object is closed", "components/schemas/Thing/additionalProperties", ABSENT, False, "answer-members-narrowed"),
    # Credentials
    Pair("no credential is asked for", f"{LIST}/security", [{"bearer": []}], [], "credential-relaxed"),
    Pair(
        "fewer scopes are asked for", "security", [{"bearer": ["read", "list"]}], [{"bearer": ["read"]}], "credential-relaxed"
    ),
]
SILENT = [
    ("a text is described better", f"{ANSWERED}/name/description", ABSENT, "What it is called."),
    ("an example is given", f"{SENT}/name/example", ABSENT, "bolt"),
    ("types are named in another order", f"{ANSWERED}/name/type", ["string", "null"], ["null", "string"]),
    ("required members are named in another order", "components/schemas/Thing/required", ["id", "name"], ["name", "id"]),
    ("one value is written as a constant", f"{SENT}/name", {"enum": ["a"]}, {"const": "a"}),
    ("a choice of one is written out", f"{SENT}/name", {"anyOf": [STRING]}, STRING),
    ("alternatives stand in another order", f"{ANSWERED}/size", {"anyOf": [STRING, _NUMBER]}, {"anyOf": [_NUMBER, STRING]}),
    ("parts of a whole are written in one", f"{SENT}/name", {"allOf": [STRING, {"maxLength": 5}]}, {**STRING, "maxLength": 5}),
    ("an operation says what all say", f"{LIST}/security", ABSENT, []),
    ("a schema gets a name", f"{LIST}/responses/400", _PROBLEM, {"$ref": "#/components/responses/Problem"}),
    ("a style is the default one", f"{LIMIT}/style", ABSENT, "form"),
    ("a mark of another tool", f"{SENT}/name/x-order", ABSENT, 1),
]  # fmt: skip

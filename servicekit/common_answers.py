"""What any operation of either service may be sent and may answer, for the contract documents."""

from typing import Any

from servicekit import request_id

Json = Any
RETRY_AFTER = {
    "description": "Seconds to wait before the next call",
    "required": True,
    "schema": {"type": "integer", "minimum": 0},
}
REQUEST_ID = {
    "description": "The id of the request: the caller's own, if it sent one that is well formed",
    "required": True,
    "schema": {"type": "string", "pattern": "^[A-Za-z0-9_.:-]{1,128}$"},
}
RETIREMENT = {
    "Deprecation": "Since when this version is deprecated, as `@` and Unix seconds (RFC 9745)",
    "Sunset": "When this version will be gone (RFC 8594): from then on it answers 410",
    "Link": 'The page that tells of it, rel="deprecation", and what comes after, rel="successor-version" (RFC 8288)',
}
PARAMETERS: dict[str, Json] = {
    "RequestId": {
        "name": request_id.HEADER,
        "in": "header",
        "description": "The caller's own id for this request: 1 to 128 characters out of A-Z a-z 0-9 _ . : -; else one is made",
        "schema": {"type": "string"},
        "example": "import-7",
    },
    "Traceparent": {
        "name": "traceparent",
        "in": "header",
        "description": "W3C Trace Context; what is malformed is ignored",
        "schema": {"type": "string"},
        "example": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    },
}
# By status: what it means, an example of `code` and `error`, and the headers that come with it.
ERRORS: dict[int, tuple[str, str, str, dict[str, Json]]] = {
    400: ("The request says something that it may not", "missing_field", "Missing password", {}),
    403: ("The caller may not do this", "wrong_password", "This is not the user's password.", {}),
    404: ("There is nothing of this name", "not_found", "There is nothing at this address.", {}),
    406: ("No form of the answer is acceptable", "not_acceptable", "This address answers application/json.", {}),
    408: ("The body came too slowly", "upload_timed_out", "The upload took too long; send it again.", {}),
    409: ("It cannot be done as things are", "job_running", "The job has not ended yet.", {}),
    410: ("This version of the contract has been retired", "version_gone", "Version v1 of this API is gone.", {}),
    412: ("The precondition does not hold", "precondition_failed", "The user has been changed since.", {}),
    413: ("The call is over a limit, which `error` names", "request_entity_too_large", "The body is too large.", {}),
    415: (
        "The body is of another media type, charset or encoding than those that are taken",
        "unsupported_media_type",
        "Send the body as application/json, in UTF-8 and not compressed.",
        {
            "Accept": {"description": "The media types that are taken", "required": True, "schema": {"type": "string"}},
            "Accept-Encoding": {"description": "The encodings that are taken", "required": True, "schema": {"type": "string"}},
        },
    ),
    422: ("The request can be read, and makes no sense as a whole", "not_an_array", "Send a JSON array of items.", {}),
    500: ("The service failed, and has logged why", "internal_error", "The service failed; it has logged why.", {}),
    503: (
        "The service cannot do it at the moment; nothing was done",
        "storage_unavailable",
        "The database cannot be used at the moment; send the request again.",
        {"Retry-After": RETRY_AFTER},
    ),
}
# What any operation may be answered, beside what its view says.
EVERYWHERE = (406, 500, 503)

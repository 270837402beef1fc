"""What the contract says of headers, of links from one operation to the next, and by examples."""

from typing import Any

from batch_service.api.schemas import ENTITY_PATTERN
from servicekit.contract import Additions

_JOB_ID = "019aad2e-8b7c-7c1e-a1d4-0d9a3b1f6c55"
_COUNTS = {"total": 2, "pending": 0, "succeeded": 1, "failed": 1}
_JOB: dict[str, Any] = {
    "jobId": _JOB_ID,
    "entity": "users",
    "status": "partial",
    "counts": _COUNTS,
    "createdAt": "2026-11-22T19:51:42.123Z",
    "startedAt": "2026-11-22T19:51:42.130Z",
    "finishedAt": "2026-11-22T19:51:42.301Z",
    "expiresAt": "2026-11-23T19:51:42.123Z",
    "retryOf": None,
}
_QUEUED: dict[str, Any] = {
    **_JOB,
    "status": "queued",
    "counts": {"total": 2, "pending": 2, "succeeded": 0, "failed": 0},
    "startedAt": None,
    "finishedAt": None,
}
_RESULTS: list[dict[str, Any]] = [
    {"index": 0, "responseCode": "201", "responseBody": {"userId": "0199", "username": "Diego"}, "attempts": 1},
    {"index": 1, "responseCode": "400", "responseBody": {"error": "Missing password"}, "attempts": 1},
]
_ERRORS = [{"responseCode": "400", "error": "Missing password", "count": 1, "indexes": [1]}]
_RESULTS_CSV = 'index,id,responseCode,attempts,error,responseBody\r\n0,,201,1,,"{""userId"":""0199""}"\r\n'
_ENTITY: dict[str, Any] = {
    "name": "users",
    "methods": ["DELETE", "GET", "PATCH", "POST", "PUT"],
    "headers": ["accept-language", "if-match"],
    "concurrency": 16,
    "ratePerSecond": 2000.0,
    "timeoutSeconds": 30.0,
    "retries": 4,
    "itemTimeoutSeconds": None,
    "idempotentWrites": True,
    "maxResponseBytes": 10_485_760,
    "fastLane": {"maxItems": 500},
    "hold": None,
}
_LIMITS: dict[str, Any] = {
    "maxItems": 1_000_000,
    "maxSyncItems": 1_000,
    "maxBodyBytes": 67_108_864,
    "maxStreamBytes": 1_073_741_824,
    "maxWaitSeconds": 120.0,
}


def _header(description: str, kind: str = "string", *, required: bool = False, **schema: Any) -> dict[str, Any]:
    return {"description": description, "required": required, "schema": {"type": kind, **schema}}


_VARY = {"Vary": _header("`Prefer`, since the answer depends on it", required=True)}
_APPLIED = {"Preference-Applied": _header("What of `Prefer` was honoured (RFC 7240 section 3); absent if nothing was")}
_LINK = {"Link": _header('The next page, rel="next" (RFC 8288); absent on the last')}
_LOOK_AGAIN = {
    "Retry-After": _header("Seconds until it is worth to look again; absent once the job has ended", "integer", minimum=0)
}
_LOCATION = {"Location": _header("The address of the job", required=True, format="uri-reference")}
_STREAM = {"Content-Location": _header("Of a stream: where the results stay, for who loses the connection")}


def _to(operation: str, what: str, job_id: str) -> dict[str, Any]:
    return {"operationId": operation, "description": what, "parameters": {"jobId": job_id}}


def _of_job(job_id: str) -> dict[str, Any]:
    """Link the operations on a job, which is named by a place in an answer."""
    return {
        "get": _to("getJob", "Look at the job", job_id),
        "results": _to("listResults", "Read its results", job_id),
        "cancel": _to("cancelJob", "Stop it", job_id),
        "retry": _to("retryJob", "Try again what did not succeed", job_id),
        "delete": _to("deleteJob", "Forget it", job_id),
    }


def _json(example: Any) -> dict[str, Any]:
    return {"application/json": {"example": example}}


_NEW_JOB = {
    "description": "The job, which goes on by itself",
    "headers": {**_LOCATION, **_LOOK_AGAIN},
    "content": _json(_QUEUED),
    "links": _of_job("$response.body#/jobId"),
}
_ACCEPTED = {**_NEW_JOB, "headers": {**_LOCATION, **_LOOK_AGAIN, **_APPLIED, **_VARY}}
_OPERATIONS: dict[str, Any] = {
    "submitBatch": {
        "responses": {
            "200": {"description": "A result for each item, in their order", "headers": {**_APPLIED, **_VARY, **_STREAM}},
            "202": _ACCEPTED,
        }
    },
    "listJobs": {
        "responses": {
            "200": {
                "description": "A page of jobs",
                "headers": _LINK,
                "content": _json({"jobs": [_JOB], "next": None}),
                "links": _of_job("$response.body#/jobs/0/jobId"),
            }
        }
    },
    "getJob": {
        "responses": {
            "200": {
                "description": "The job, what failed in it, and a page of its results",
                "headers": {**_LOOK_AGAIN, **_LINK, **_APPLIED, **_VARY},
                "content": _json({**_JOB, "hold": None, "errors": _ERRORS, "results": _RESULTS, "next": None}),
            }
        }
    },
    "listResults": {
        "responses": {
            "200": {
                "description": "A page of results, or all of them as a stream",
                "headers": {**_LOOK_AGAIN, **_LINK, **_APPLIED, **_VARY},
                "content": {
                    **_json({"results": _RESULTS, "next": None}),
                    "application/x-ndjson": {"example": '{"index":0,"responseCode":"201","responseBody":{}}\n'},
                    "text/csv": {"example": _RESULTS_CSV},
                },
            }
        }
    },
    "cancelJob": {
        "responses": {
            "200": {
                "description": "The job as it is now; what was sent still ends as it ends",
                "headers": _LOOK_AGAIN,
                "content": _json({**_JOB, "status": "cancelled"}),
            }
        }
    },
    "retryJob": {"responses": {"202": {**_NEW_JOB, "content": _json({**_QUEUED, "retryOf": _JOB_ID})}}},
    "deleteJob": {"responses": {"204": {"description": "The job is forgotten"}}},
    "listEntities": {
        "responses": {
            "200": {
                "description": "Every entity, and the limits of a call",
                "content": _json({"entities": [_ENTITY], "limits": _LIMITS, "next": None}),
            }
        }
    },
}
_PATH_PARAMETERS: dict[str, Any] = {
    "entity": {
        "description": "The name of an entity of the registry; `GET /batch/entities` lists them",
        "schema": {"pattern": ENTITY_PATTERN},
        "example": "users",
    },
    "jobId": {"description": "The `jobId` of a job", "schema": {"format": "uuid"}, "example": _JOB_ID},
}
ADDITIONS = Additions(_OPERATIONS, _PATH_PARAMETERS)

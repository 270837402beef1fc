"""flask-smorest as both services use it: strict JSON in, problem documents out, contracts that say so.

One `VersionedApi` a version of a contract; each serves its own OpenAPI document and a page that reads it without a CDN.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn, TypeVar, cast

import flask_smorest
import flask_swagger_ui
from flask import Flask, Request, Response, current_app, jsonify, request, send_from_directory
from marshmallow import RAISE, Schema, ValidationError
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import HTTPException

from servicekit import contract, problems, request_id, validation
from servicekit import retirement as retirement_notes
from servicekit.contract import NO_ADDITIONS, Additions
from servicekit.database import StorageUnavailableError
from servicekit.json_provider import OrjsonProvider
from servicekit.problems import ProblemError
from servicekit.request_body import read_json
from servicekit.retirement import NOT_PLANNED, Retirement

_log = logging.getLogger(__name__)
_SWAGGER_UI = f"{flask_swagger_ui.__path__[0]}/dist"
_OFFERED_EVERYWHERE = (problems.MEDIA_TYPE, "text/html", "text/javascript", "text/css", "image/png")
View = TypeVar("View", bound=Callable[..., Any])


class StrictParser(FlaskParser):
    """Reads bodies as strict JSON of a declared content type; refuses with problem documents."""

    DEFAULT_VALIDATION_STATUS = 400
    # An argument that means nothing here may have been meant to matter: a mistyped cursor would read page one for ever.
    DEFAULT_UNKNOWN_BY_LOCATION = {**FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION, "query": RAISE}  # noqa: RUF012 - the base's form

    def load_json(self, req: Request, schema: Schema) -> Any:
        """Parse the body, whatever its declared length."""
        return read_json(req)

    def load_querystring(self, req: Request, schema: Schema) -> Any:
        """Parse the query; one argument given twice has no one meaning."""
        for name, values in req.args.lists():
            if len(values) > 1:
                raise ProblemError(
                    400,
                    f"The argument {name} is given {len(values)} times in the query; give it once",
                    code="repeated_argument",
                )
        return super().load_querystring(req, schema)

    def handle_error(
        self,
        error: ValidationError,
        req: Request,
        schema: Schema,
        *,
        error_status_code: int | None,
        error_headers: Mapping[str, str] | None,
    ) -> NoReturn:
        """Turn a validation error into a problem; drop the location key that webargs puts around the messages."""
        messages = cast("dict[str, Any]", error.messages)
        raise_from = ValidationError(next(iter(messages.values())))
        validation.refuse(raise_from, status=error_status_code or self.DEFAULT_VALIDATION_STATUS)


class Blueprint(flask_smorest.Blueprint):  # type: ignore[misc]
    """A blueprint whose arguments are parsed strictly."""

    ARGUMENTS_PARSER = StrictParser()

    @staticmethod
    def doc(*, parameters: Sequence[Mapping[str, Any]] = (), **values: Any) -> Callable[[View], View]:
        """Describe a view; in the base, parameters would take the place of those that `arguments` describes."""
        describe = flask_smorest.Blueprint.doc(**values)

        def decorator(view: View) -> View:
            described = describe(view)
            described._apidoc.setdefault("arguments", {}).setdefault("parameters", []).extend(parameters)
            return cast(View, described)

        return decorator


class VersionedApi(flask_smorest.Api):  # type: ignore[misc]
    """One version of a contract: its document at `<prefix>/openapi.json`, its page at `<prefix>/docs`."""

    ERROR_SCHEMA = problems.ProblemSchema

    def __init__(
        self,
        app: Flask,
        *,
        title: str,
        path: str,
        version: str,
        description: str,
        additions: Additions = NO_ADDITIONS,
        retirement: Retirement = NOT_PLANNED,
        successor: str | None = None,
    ) -> None:
        """Serve a version at `/<path>`.

        Args:
            app: The application.
            title: Of the document, as `description` and `version`.
            path: As `v1`.
            version: Of the document, as 1.0.0.
            description: What the API does.
            additions: What the document says beside what the views say.
            retirement: What is planned for this version.
            successor: The path of the next version, as `v2`, where there is one.
        """
        prefix = path.upper()
        self._path = path
        self._additions = additions
        self._retirement = retirement
        self._names: set[str | None] = set()
        address = f"/{successor}" if successor else None
        retirement_notes.init_app(app, retirement, blueprints=self._names, prefix=f"/{path}", successor=address)
        app.config.update(
            {
                f"{prefix}_API_TITLE": title,
                f"{prefix}_API_VERSION": version,
                f"{prefix}_OPENAPI_VERSION": "3.1.0",
                f"{prefix}_OPENAPI_URL_PREFIX": f"/{path}",
                f"{prefix}_OPENAPI_JSON_PATH": "openapi.json",
                f"{prefix}_OPENAPI_SWAGGER_UI_PATH": "/docs",
                f"{prefix}_OPENAPI_SWAGGER_UI_URL": "/static/swagger-ui/",
                f"{prefix}_OPENAPI_SWAGGER_UI_CONFIG": {"validatorUrl": None},
            }
        )
        super().__init__(
            app, config_prefix=prefix, spec_kwargs={"info": {"description": description}, "servers": [{"url": "/"}]}
        )

    def serve(self, blueprint: Blueprint, *, at: str, also_at: str | None = None) -> None:
        """Serve a blueprint, and describe it; the other address is the same views and needs no second page in the contract."""
        # The first version's names are those of the blueprints: its views ask for each other's addresses by them.
        name = blueprint.name if blueprint.name not in self._app.blueprints else f"{self._path}-{blueprint.name}"
        self._names.add(name)
        self.register_blueprint(blueprint, name=name, url_prefix=at)
        if also_at is not None:
            self._names.add(f"unversioned-{name}")
            self._app.register_blueprint(blueprint, name=f"unversioned-{name}", url_prefix=also_at)

    def document(self) -> dict[str, Any]:
        """Return the whole contract document."""
        described = self.spec.to_dict()
        whole: dict[str, Any] = contract.complete(
            described, tag_prefix=f"{self._path}-", additions=self._additions, retirement=self._retirement
        )
        return whole

    def _openapi_json(self) -> Response:
        return jsonify(self.document())

    def _register_responses(self) -> None:
        # flask-smorest documents errors as application/json; ours are problem documents.
        self.DEFAULT_RESPONSE_CONTENT_TYPE = problems.MEDIA_TYPE
        super()._register_responses()
        del self.DEFAULT_RESPONSE_CONTENT_TYPE

    def _register_pagination_header(self) -> None:
        """Leave flask-smorest's own paging, which neither service uses, and its schema out of the document."""

    def handle_http_exception(self, error: HTTPException) -> Response:
        """Answer a problem document and keep the headers of the error (`Allow`, `Retry-After`), which the base drops."""
        return _http_problem(error)


def init_app(app: Flask, *, max_body_bytes: int) -> None:
    """Give an app the manners of the house: request ids, strict JSON, problem documents for every error."""
    app.json = OrjsonProvider(app)
    app.config["MAX_CONTENT_LENGTH"] = max_body_bytes
    app.url_map.strict_slashes = True
    app.url_map.merge_slashes = False  # an address with an empty segment is no other address
    app.static_folder = None
    request_id.init_app(app)
    app.register_error_handler(ProblemError, _problem)
    app.register_error_handler(StorageUnavailableError, _storage_unavailable)
    app.register_error_handler(HTTPException, _http_problem)
    app.register_error_handler(Exception, _unexpected)
    app.before_request(_refuse_unacceptable)

    @app.get("/static/swagger-ui/<path:name>")
    def swagger_ui(name: str) -> Response:
        return send_from_directory(_SWAGGER_UI, name)


def offers(*media_types: str) -> Callable[[View], View]:
    """Say that a view answers these too, besides JSON, to those who ask for them."""

    def mark(view: View) -> View:
        view.offers = media_types  # type: ignore[attr-defined]
        return view

    return mark


def _refuse_unacceptable() -> None:
    accept = request.accept_mimetypes
    more = getattr(current_app.view_functions.get(request.endpoint or ""), "offers", ())
    if accept and not accept.best_match(["application/json", *more, *_OFFERED_EVERYWHERE]):
        names = " or ".join(["application/json", *more])
        raise ProblemError(406, f"This address answers {names}.", code="not_acceptable")


def _problem(error: ProblemError) -> Response:
    return problems.response(error, request_id=request_id.current_request_id())


def _http_problem(error: HTTPException) -> Response:
    if error.response is not None:
        return cast(Response, error.response)
    headers = {name: value for name, value in error.get_headers() if name.lower() != "content-type"}
    sentence = _SENTENCES.get(error.code or 500, error.description or error.name)
    if error.code == 413:
        sentence = f"The body is larger than {request.max_content_length:,} bytes, the most that one call may send."
    return _problem(ProblemError(error.code or 500, sentence, code=problems.code_for(error.name), headers=headers))


def _storage_unavailable(error: StorageUnavailableError) -> Response:
    _log.warning("storage unavailable: %s", error)
    return _problem(
        ProblemError(
            503,
            "The database cannot be used at the moment; send the request again.",
            code="storage_unavailable",
            headers={"Retry-After": "2"},
        )
    )


def _unexpected(error: Exception) -> Response:
    _log.exception("request %s failed", request_id.current_request_id())
    return _problem(ProblemError(500, "The service failed; it has logged why.", code="internal_error"))


_SENTENCES = {
    404: "There is nothing at this address.",
    405: "This address does not take that method; the Allow header names those it takes.",
}

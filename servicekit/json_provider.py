"""Flask's JSON through orjson, so that a page of a thousand results costs little."""

from typing import Any

import orjson
from flask import Response
from flask.json.provider import DefaultJSONProvider


class OrjsonProvider(DefaultJSONProvider):
    """Answers are dumped by orjson; `orjson.Fragment` puts bytes that are JSON already into an answer untouched."""

    def dumps(self, obj: Any, **kwargs: Any) -> str:
        """Honour `indent` and `sort_keys`, which flask-smorest passes for the contract document."""
        option = orjson.OPT_NON_STR_KEYS
        if kwargs.get("indent"):
            option |= orjson.OPT_INDENT_2
        if kwargs.get("sort_keys"):
            option |= orjson.OPT_SORT_KEYS
        return orjson.dumps(obj, option=option).decode()

    def response(self, *args: Any, **kwargs: Any) -> Any:
        """Answer compact JSON."""
        body = orjson.dumps(self._prepare_response_obj(args, kwargs))
        return Response(body, mimetype="application/json")

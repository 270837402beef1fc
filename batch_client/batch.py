"""A batch that is put together call by call."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, Protocol, cast

from batch_client.errors import InvalidBatchError
from batch_client.items import Item, ItemResult
from batch_client.job import Job


class Call:
    """One call of a batch, to be named by later ones: as one they depend on, or for a value of its result."""

    def __init__(self, item: Item, number: int) -> None:
        self._item = item
        self._number = number

    @property
    def id(self) -> str:
        """The item's own id; it gets one when it is first asked for."""
        return self._item.setdefault("id", f"item-{self._number}")

    def at(self, pointer: str) -> str:
        """Name a place in the result by its JSON Pointer (RFC 6901), as `bind` wants it: `"/responseBody/userId"`."""
        if not pointer.startswith("/"):
            raise InvalidBatchError(f'A JSON Pointer begins with "/": {pointer!r} does not.')
        return f"{self.id}#{pointer}"


class Sender(Protocol):
    """Who sends a batch: `BatchClient`."""

    def submit(
        self, entity: str | None, items: Iterable[Item], *, prefer: str | None, key: str | None, max_errors: int | None
    ) -> list[ItemResult] | Job:
        """Send it."""

    def submit_job(self, entity: str | None, items: Iterable[Item], *, key: str | None, max_errors: int | None) -> Job:
        """Send it as a job."""


class Batch:
    """Calls of one entity, or of several; they run in any order but for what depends on one another.

    >>> batch = client.batch("users")
    >>> ana = batch.post({"username": "Dara", "password": "123456"}, id="dara")
    >>> _ = batch.get(query={"username": "Nobody"})
    >>> [result["responseCode"] for result in batch.submit()]
    ['201', '200']
    """

    def __init__(self, sender: Sender, entity: str | None = None) -> None:
        self._sender = sender
        self._entity = entity
        self._items: list[Item] = []

    def __len__(self) -> int:
        return len(self._items)

    def items(self) -> list[Item]:
        """The items as they will be sent."""
        return list(self._items)

    def get(self, path: str | None = None, *, query: Mapping[str, Any] | None = None, **more: Any) -> Call:
        """Add a GET; `more` is as in `add`."""
        return self.add("GET", path=path, query=query, **more)

    def post(self, body: Any, *, path: str | None = None, **more: Any) -> Call:
        """Add a POST; `more` is as in `add`."""
        return self.add("POST", path=path, body=body, **more)

    def put(self, path: str, body: Any, **more: Any) -> Call:
        """Add a PUT; `more` is as in `add`."""
        return self.add("PUT", path=path, body=body, **more)

    def patch(self, path: str, body: Any, **more: Any) -> Call:
        """Add a PATCH; `more` is as in `add`."""
        return self.add("PATCH", path=path, body=body, **more)

    def delete(self, path: str, **more: Any) -> Call:
        """Add a DELETE; `more` is as in `add`."""
        return self.add("DELETE", path=path, **more)

    def add(
        self,
        method: Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"],
        *,
        path: str | None = None,
        body: Any = None,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        id: str | None = None,  # noqa: A002 - its name on the wire
        entity: str | None = None,
        depends_on: Sequence[Call | str] = (),
        bind: Mapping[str, str] | None = None,
    ) -> Call:
        """Add a call.

        It waits for those it `depends_on`, and is not sent where one of them fails. `bind` maps a place in this call to one in
        the result of another: `{"/body/owner": user.at("/responseBody/userId")}`.
        """
        if (self._entity is None) == (entity is None):
            expected = "each call names its entity" if self._entity is None else f"each call is one of {self._entity!r}"
            raise InvalidBatchError(f"In this batch {expected}.")
        said = {
            "entity": entity,
            "path": path,
            "query": query,
            "headers": headers,
            "body": body,
            "id": id,
            "dependsOn": [_id(call) for call in depends_on] or None,
            "bind": bind,
        }
        item = cast("Item", {"method": method, **{name: value for name, value in said.items() if value is not None}})
        self._items.append(item)
        return Call(item, len(self._items))

    def submit(
        self, *, prefer: str | None = None, key: str | None = None, max_errors: int | None = None
    ) -> list[ItemResult] | Job:
        """Send the batch; return the results in the order of the calls, or the job that goes on."""
        self._check()
        return self._sender.submit(self._entity, self._items, prefer=prefer, key=key, max_errors=max_errors)

    def submit_job(self, *, key: str | None = None, max_errors: int | None = None) -> Job:
        """Send the batch as a job, whatever its size."""
        self._check()
        return self._sender.submit_job(self._entity, self._items, key=key, max_errors=max_errors)

    def _check(self) -> None:
        if not self._items:
            raise InvalidBatchError("The batch is empty.")
        ids = [item["id"] for item in self._items if "id" in item]
        known = set(ids)
        if len(ids) != len(known):
            twice = next(one for one in ids if ids.count(one) > 1)
            raise InvalidBatchError(f"Two calls have the id {twice!r}.")
        for item in self._items:
            bound = (place.partition("#")[0] for place in item.get("bind", {}).values())
            for named in [*item.get("dependsOn", ()), *bound]:
                if named not in known:
                    raise InvalidBatchError(f"A call depends on {named!r}, and no call of this batch has that id.")


def _id(call: Call | str) -> str:
    return call if isinstance(call, str) else call.id

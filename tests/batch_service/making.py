"""What tests of the batch service make again and again, with defaults for what they do not look at."""

from dataclasses import replace
from typing import Any

from batch_service.adapters.key_ring import FixedKeyRing
from batch_service.adapters.master_key import MasterKey
from batch_service.adapters.vault import Vault
from batch_service.domain.attempt import Request
from batch_service.domain.batch import Refused
from batch_service.domain.entity import METHODS, Entity
from batch_service.domain.item import Item
from batch_service.domain.owner import Owner
from batch_service.domain.ports import JobStore, NewJob
from batch_service.domain.refusal import Refusal
from servicekit.ids import new_id

OWNER = Owner("acme", "ana")
URL = "http://127.0.0.1:9/v1/things"


KEY_RING = MasterKey.new().render()


def make_vault(key_ring: str = KEY_RING) -> Vault:
    return Vault(FixedKeyRing(key_ring))


def make_entity(**values: Any) -> Entity:
    return replace(Entity(name="things", url=URL, methods=frozenset(METHODS)), **values)


def make_item(index: int = 0, **values: Any) -> Item:
    return replace(Item(index, None, "POST", URL, body=b'{"n":1}'), **values)


def make_refused(index: int = 0) -> Refused:
    return Refused(index, None, "", Refusal(400, "invalid_item", "No good", ""))


def make_job(items: int = 1, **values: Any) -> NewJob:
    sent = [make_item(index) for index in range(items)]
    return replace(NewJob(new_id(), "things", OWNER, sent, chunk_items=500, expires_after_s=3600.0), **values)


def add_job(store: JobStore, job: NewJob, *, chunk_items: int) -> str:
    return store.add(replace(job, chunk_items=chunk_items), max_pending_items=1_000_000)


def make_request(
    index: int = 0, *, url: str = URL, method: str = "POST", body: bytes | None = b"{}", **headers: str
) -> Request:
    return Request(index, method, url, {"content-type": "application/json", **headers}, body)

from ipaddress import ip_network
from pathlib import Path

import pytest

from batch_service.adapters.registry import FileRegistry, load_registry
from batch_service.domain.entity import METHODS, Entity
from batch_service.domain.errors import UnknownEntityError

WHOLE = """
[entities.users]
url = "https://${USERS_HOST:-users.example}:8001/v1/users"
allow_private = ["127.0.0.1/32", "fd00::/8"]
methods = ["GET", "POST"]
concurrency = 16
timeout = 2.5
retries = 0
rate = "120/minute"
headers = ["Accept-Language", "If-Match"]
idempotent_writes = true
max_response_bytes = 1000
"""


def load(folder: Path, text: str, **environment: str) -> FileRegistry:
    file = folder / "entities.toml"
    file.write_text(text, encoding="utf-8")
    return load_registry(file, environment)


def test_every_key_is_read(tmp_path: Path) -> None:
    assert load(tmp_path, WHOLE).get("users") == Entity(
        name="users",
        url="https://users.example:8001/v1/users",
        methods=frozenset({"GET", "POST"}),
        headers=frozenset({"accept-language", "if-match"}),
        concurrency=16,
        timeout_s=2.5,
        retries=0,
        rate_per_s=2.0,
        idempotent_writes=True,
        allow_private=(ip_network("127.0.0.1/32"), ip_network("fd00::/8")),
        max_response_bytes=1000,
    )


def test_a_url_is_enough(tmp_path: Path) -> None:
    entity = load(tmp_path, '[entities.a]\nurl = "http://127.0.0.1:1/a"').get("a")
    assert entity.methods == frozenset(METHODS)
    assert entity.headers == frozenset()
    assert (entity.rate_per_s, entity.idempotent_writes, entity.allow_private) == (None, False, ())


@pytest.mark.parametrize(
    ("environment", "host"), [({}, "users.example"), ({"USERS_HOST": ""}, "users.example"), ({"USERS_HOST": "other"}, "other")]
)
def test_a_variable_takes_its_value_from_the_environment_or_its_default(
    tmp_path: Path, environment: dict[str, str], host: str
) -> None:
    assert load(tmp_path, WHOLE, **environment).get("users").origin.hostname == host


def test_a_value_from_the_environment_is_not_read_again_for_variables(tmp_path: Path) -> None:
    entity = load(tmp_path, '[entities.a]\nurl = "http://a/${PART}"', PART="$b").get("a")
    assert entity.url == "http://a/$b"


def test_entities_come_by_name(tmp_path: Path) -> None:
    text = "".join(f'[entities.{name}]\nurl = "http://a/{name}"\n' for name in ("zebras", "users", "a-b_2"))
    registry = load(tmp_path, text)
    assert [entity.name for entity in registry.all()] == ["a-b_2", "users", "zebras"]


@pytest.mark.parametrize("name", ["nothing", "", "Users", "users ", "users\0", "ｕｓｅｒｓ", "jobs"])
def test_an_unknown_entity_is_named_with_those_that_are_known(tmp_path: Path, name: str) -> None:
    with pytest.raises(UnknownEntityError, match=r"Unknown entity; this service batches users\."):
        load(tmp_path, WHOLE).get(name)


def test_the_registry_of_this_repository_can_be_used() -> None:
    registry = load_registry(Path(__file__).parents[3] / "entities.toml", {})
    assert registry.get("users").url == "http://127.0.0.1:8001/v1/users"

"""A registry that cannot be used stops the start: each fault is named with its file and its line."""

from pathlib import Path

import pytest

from batch_service.adapters.registry import load_registry
from batch_service.domain.errors import RegistryError

GOOD = '[entities.users]\nurl = "http://a.example/users"\n'


def faults(folder: Path, text: str | bytes) -> list[str]:
    file = folder / "entities.toml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(RegistryError) as refused:
        load_registry(file, {})
    prefix = f"{file}, line "
    return [line.removeprefix(prefix) if line.startswith(prefix) else line for line in str(refused.value).splitlines()]


@pytest.mark.parametrize("name", ["jobs", "entities"])
def test_a_name_that_is_an_address_of_the_service_is_refused(tmp_path: Path, name: str) -> None:
    (fault,) = faults(tmp_path, f'# a comment\n\n[entities.{name}]\nurl = "http://a.example/x"\n')
    assert fault.startswith(f"3: entities.{name}: ")
    assert "is an address of the service itself" in fault


@pytest.mark.parametrize("name", ["Users", "1users", '"us ers"', '"us/ers"', '"jobs?"', "u" * 65, '"ｕsers"', '""', "-a"])
def test_a_name_that_is_no_part_of_an_address_is_refused(tmp_path: Path, name: str) -> None:
    (fault,) = faults(tmp_path, f'{GOOD}\n[entities.{name}]\nurl = "http://a.example/x"\n')
    assert fault.startswith("4: ")
    assert "A name is lower-case letters" in fault


@pytest.mark.parametrize(
    "url",
    [
        "", "users", "/users", "//a.example/users", "ftp://a.example/users", "file:///etc/passwd", "http:///users",
        "http://a.example",
        "http://a.example/", "http://a.example/users/", "http://a.example//users", "http://a.example/users?x=1",
        "http://a.example/users#x", "http://me@a.example/users", "http://me:secret@a.example/users",
        "http://a.example:99999/users",
        "http://a.example:x/users", "http://a.example/us ers", "http://é.example/users", "http://a.example/{id}",
        "http://a.example/a;b",
        "http://a b.example/users", "http://a.example/a/../b", "http://a.example/%2e%2e/b", "http://a.example/./b",
        "http://a\\\\@b/users",
    ],
)  # fmt: skip
def test_a_url_that_is_no_collection_is_refused(tmp_path: Path, url: str) -> None:
    (fault,) = faults(tmp_path, f'[entities.users]\nmethods = ["GET"]\nurl = "{url}"\n')
    assert fault.startswith("3: entities.users.url: ")


def test_a_variable_that_is_not_set_and_has_no_default_is_named(tmp_path: Path) -> None:
    (fault,) = faults(tmp_path, '[entities.users]\nurl = "http://${HOST_THAT_IS_NOT_SET}/users"\n')
    assert fault.startswith("2: entities.users.url: ${HOST_THAT_IS_NOT_SET} is not set")


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ('colour = "blue"', "Unknown field"),
        ('Methods = ["GET"]', "Unknown field"),
        ('concurrency = "16"', "integer"),
        ("concurrency = 1.5", "integer"),
        ("concurrency = 0", "1"),
        ("concurrency = 100000", "256"),
        ("timeout = 0", "0"),
        ("timeout = inf", "nfinit|nan|NaN|number"),
        ("timeout = nan", "nfinit|nan|NaN|number"),
        ('timeout = "soon"', "number"),
        ("retries = -1", "0"),
        ("retries = true", "integer"),
        ('rate = "fast"', "2000/second"),
        ('rate = "0/second"', "2000/second"),
        ('rate = "5/second or so"', "2000/second"),
        ("rate = 5", "string"),
        ('methods = ["BREW"]', "GET"),
        ('methods = ["get"]', "GET"),
        ("methods = []", "1"),
        ('methods = "GET"', "list"),
        ('headers = ["X-Real-IP"]', "never an item's to set"),
        ('headers = ["If-Match", "authorization"]', "never an item's to set"),
        ('headers = ["X-Forwarded-Proto"]', "never an item's to set"),
        ('headers = ["a b"]', "no header name"),
        ('headers = [""]', "no header name"),
        ("headers = [1]", "string"),
        ('allow_private = ["everything"]', "everything"),
        ('allow_private = ["10.0.0.1/8"]', "host bits"),
        ('idempotent_writes = "yes"', "boolean"),
        ("max_response_bytes = 0", "1"),
        ("batch = true", "type"),
        ('batch = { max_items = 5, path = "/batch", format = "x" }', "items"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused_where_it_stands(tmp_path: Path, setting: str, sentence: str) -> None:
    text = f'{GOOD}# about orders\n[entities.orders]\nurl = "http://a.example/orders"\n{setting}\n'
    found = faults(tmp_path, text)
    assert len(found) == 1
    assert found[0].startswith(f"6: entities.orders.{setting.partition(' ')[0]}")
    assert any(part in found[0] for part in sentence.split("|"))


def test_a_missing_url_is_named_at_its_own_table(tmp_path: Path) -> None:
    (fault,) = faults(tmp_path, f"[entities.orders]\nretries = 1\n{GOOD}")
    assert fault.startswith("1: entities.orders.url: ")


def test_a_setting_is_looked_for_in_its_own_table(tmp_path: Path) -> None:
    tables = "".join(
        f'[entities.{name}]\nurl = "http://a.example/a"\nretries = {retries}\n' for name, retries in (("a", 1), ("b", -1))
    )
    (fault,) = faults(tmp_path, tables)
    assert fault.startswith("6: entities.b.retries: ")


def test_every_fault_is_named_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = '[entities.a]\nurl = "nowhere"\nretries = -1\n[entities.b]\nurl = "http://b/b"\ncolour = 1\n'
    assert [fault.partition(":")[0] for fault in faults(tmp_path, text)] == ["2", "3", "6"]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('[entities.users\nurl = "http://a/b"\n', "line 1"),
        ("[entities.users]\nurl = http://a/b\n", "line 2"),
        ('[entities.users]\nurl = "http://a/b"\nurl = "http://a/c"\n', "line 3"),
        (f"{GOOD}{GOOD}", "line 3"),
        (f"{GOOD}concurrency = \n", "line 3"),
    ],
)
def test_what_is_no_toml_is_named_with_its_line(tmp_path: Path, text: str, line: str) -> None:
    (fault,) = faults(tmp_path, text)
    assert line in fault
    assert "entities.toml" in fault


@pytest.mark.parametrize(
    "text", ["", "# nothing\n", "[entities]\n", "entities = 5\n", "[entities]\nusers = 5\n", "[[entities]]\n"]
)
def test_a_file_without_entities_is_refused(tmp_path: Path, text: str) -> None:
    (fault,) = faults(tmp_path, text)
    assert "entities" in fault


def test_an_unknown_table_is_refused(tmp_path: Path) -> None:
    (fault,) = faults(tmp_path, f"{GOOD}[entitees.orders]\nurl = 'http://a/b'\n")
    assert fault.startswith("3: entitees: ")


@pytest.mark.parametrize("content", [b"\xff\xfe", b"\0", None])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "entities.toml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(RegistryError, match=r"entities\.toml"):
        load_registry(file, {})

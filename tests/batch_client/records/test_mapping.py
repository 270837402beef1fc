import pytest

from batch_client.records import paths
from batch_client.records.field_mapping import FieldMapping
from batch_client.records.path_template import PathTemplate
from batch_client.records.record import RecordsError
from tests.batch_client.records.reading import CSV, JSON, NDJSON, File


def mapping(**more: object) -> FieldMapping:
    """`moves`, `constants` and `types` as the options write them."""
    texts = {name: more.pop(name, {}) for name in ("moves", "constants", "types")}
    template = more.pop("path", None)
    assert isinstance(texts["moves"], dict)
    return FieldMapping(
        path=None if template is None else PathTemplate(str(template)),
        moves={column: paths.parse(place) for column, place in texts["moves"].items()},
        constants={paths.parse(place): value for place, value in texts["constants"].items()},  # type: ignore[attr-defined]
        types={paths.parse(place): kind for place, kind in texts["types"].items()},  # type: ignore[attr-defined]
        **more,  # type: ignore[arg-type]
    )


def test_columns_go_where_one_says(file: File) -> None:
    rule = mapping(moves={"mail": "contact.email", "town": "contact.town"}, drops=["secret"], constants={"locale": "en"})
    content = "name,mail,town,secret\nAna,a@b.c,,x\nBo,,,y\n"
    assert file.bodies(content, CSV, rule) == [
        {"name": "Ana", "contact": {"email": "a@b.c"}, "locale": "en"},
        {"name": "Bo", "locale": "en"},
    ]


def test_members_go_where_one_says(file: File) -> None:
    rule = mapping(
        moves={"contact.mail": "email", "town": "address.town"}, drops=["secret", "contact.phone"], constants={"locale": "en"}
    )
    content = '{"contact": {"mail": null, "phone": 1, "fax": 2}, "town": "Lima", "secret": 1, "locale": "es"}\n{"contact": 7}\n'
    assert file.bodies(content, NDJSON, rule) == [
        {"contact": {"fax": 2}, "email": None, "address": {"town": "Lima"}, "locale": "en"},
        {"contact": 7, "locale": "en"},
    ]


def test_a_dot_in_a_member_is_no_place(file: File) -> None:
    assert file.bodies('[{"a.b": 1, "": 2}]', JSON) == [{"a.b": 1, "": 2}]


def test_texts_become_what_one_says(file: File) -> None:
    types = {"age": "int", "height": "float", "admin": "bool", "tags": "json", "zip": "text", "n.m": "int", "level": "int"}
    content = 'age,height,admin,tags,zip,n.m\n-7,1.5e2,Yes,"[1, null]",007,+12\n,,,,,\n'
    assert file.bodies(content, CSV, mapping(types=types, constants={"level": "3"})) == [
        {"age": -7, "height": 150.0, "admin": True, "tags": [1, None], "zip": "007", "n": {"m": 12}, "level": 3},
        {"level": 3},
    ]


def test_what_is_no_text_stays(file: File) -> None:
    assert file.bodies('{"age": 7.5}\n{"age": "8"}\n{"age": null}\n{}\n', NDJSON, mapping(types={"age": "int"})) == [
        {"age": 7.5},
        {"age": 8},
        {"age": None},
        {},
    ]


@pytest.mark.parametrize(
    ("kind", "text", "said"),
    [
        ("int", "7.0", "is no whole number"),
        ("int", "٣", "is no whole number"),
        ("int", "1_000", "is no whole number"),
        ("int", "9" * 5000, "is no whole number"),
        ("float", "nan", "is no number"),
        ("float", "1e999", "is no number"),
        ("float", "1.2.3", "is no number"),
        ("float", " 1", "is no number"),
        ("bool", "ja", "is neither true nor false"),
        ("json", "{'a': 1}", "is not JSON: expecting property name"),
        ("json", "NaN", "is not JSON: NaN is no number"),
    ],
)
def test_a_text_that_is_none_is_told(file: File, kind: str, text: str, said: str) -> None:
    (fault,) = file.survey(f"a\n{text}\n", CSV, mapping(types={"a": kind})).faults
    assert fault.startswith("Line 2: a: ")
    assert said in fault
    assert len(fault) < 120


def test_paths_and_ids_come_from_columns(file: File) -> None:
    rule = mapping(method="PATCH", path="/{user id}/notes/{n}", id_column="n")
    assert file.items("user id,n,text\na/b ü%,1,hello\n", CSV, rule) == [
        {"method": "PATCH", "path": "/a%2Fb%20%C3%BC%25/notes/1", "id": "1", "body": {"text": "hello"}}
    ]
    assert file.items('{"user id": 12, "n": 3, "text": "x"}\n', NDJSON, rule) == [
        {"method": "PATCH", "path": "/12/notes/3", "id": "3", "body": {"text": "x"}}
    ]


def test_they_are_in_the_body_too_where_one_says_so(file: File) -> None:
    rule = mapping(method="PUT", path="/{id}", moves={"id": "id"})
    assert file.items("id,a\n7,x\n", CSV, rule) == [{"method": "PUT", "path": "/7", "body": {"id": "7", "a": "x"}}]


def test_what_has_no_body_has_none(file: File) -> None:
    assert file.items("id,a\n7,x\n", CSV, mapping(method="DELETE", path="/{id}")) == [{"method": "DELETE", "path": "/7"}]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"n": "x"}', "id is empty, and the path needs it"),
        ('{"id": ""}', "id is empty"),
        ('{"id": null}', "id is empty"),
        ('{"id": true}', "id is neither a text nor a whole number"),
        ('{"id": 1.5}', "id is neither"),
        ('{"id": ".."}', "id is '..', which leads out of the path"),
        ('{"id": "."}', "leads out"),
        ('{"id": "1", "a": 7, "b": 8}', "a is no object, so there is no place for a.b in it"),
    ],
)
def test_a_record_that_does_not_fit_is_told(file: File, content: str, said: str) -> None:
    rule = mapping(method="PUT", path="/{id}", moves={"b": "a.b"})
    found = file.survey(f'{content}\n{{"id": "1", "b": 2}}\n', NDJSON, rule)
    (fault,) = found.faults
    assert said in fault


@pytest.mark.parametrize("text", ["users/{id}", "/{id", "/id}", "/{}", "/{{id}}", ""])
def test_a_template_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        PathTemplate(text)


@pytest.mark.parametrize("name", ["", ".", "a.", ".a", "a..b"])
def test_a_place_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="is no place in a body"):
        paths.parse(name)


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (mapping(moves={"usrname": "x"}), "--map names 'usrname', which no record has; did you mean 'username'"),
        (mapping(drops=["x"]), "--drop names 'x', which no record has; there is username, email, age"),
        (mapping(path="/{id}"), "--path names 'id'"),
        (mapping(id_column="key"), "--id-column names 'key'"),
        (mapping(types={"agee": "int"}), "--type names 'agee', which no record has; did you mean 'age'"),
        (mapping(moves={"email": "username"}), "Two columns or options fill 'username'"),
        (mapping(moves={"email": "age.x"}), "'age' in the body would be both a value and an object with 'age.x' in it"),
        (mapping(constants={"age.x": "1"}), "'age' in the body would be both"),
    ],
)
def test_a_mapping_that_does_not_fit_the_columns_is_refused_before_a_row_is_read(
    file: File, rule: FieldMapping, said: str
) -> None:
    with pytest.raises(RecordsError, match=said):
        file.survey('username,email,age\n"never closed', CSV, rule)


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (mapping(moves={"usrname": "x"}), "--map names 'usrname', which no record has."),
        (mapping(drops=["a.c"]), "--drop names 'a.c', which no record has."),
        (mapping(types={"agee": "int"}), "--type names 'agee', which no record has."),
        (mapping(method="DELETE", path="/7", drops=["x"]), "--drop names 'x'"),
    ],
)
def test_a_mapping_of_members_that_no_record_has_is_refused(file: File, rule: FieldMapping, said: str) -> None:
    with pytest.raises(RecordsError, match=said):
        file.survey('{"username": "Ana", "a": {"b": 1}}\n', NDJSON, rule)

import pytest
from marshmallow import Schema, ValidationError, fields

from servicekit.problems import ProblemError
from servicekit.validation import MAX_ERRORS, field_errors, load


class NameSchema(Schema):
    name = fields.String(required=True)


def refused(data: object) -> ProblemError:
    with pytest.raises(ProblemError) as caught:
        load(NameSchema(), data)
    return caught.value


def test_a_pointer_for_each_fault_and_a_sentence_for_the_first() -> None:
    problem = refused({"a/b": 1})
    assert (problem.status, problem.code, problem.error) == (400, "missing_field", "Missing name")
    assert problem.errors == [
        {"pointer": "/name", "detail": "Missing name"},
        {"pointer": "/a~1b", "detail": "Unknown field a/b"},
    ]


def test_a_hundred_faults_are_listed() -> None:
    problem = refused({"name": "x", **{f"field {number}": 1 for number in range(MAX_ERRORS)}})
    # marshmallow lists unknown fields in the order of a set
    assert sorted(fault["pointer"] for fault in problem.errors) == sorted(f"/field {number}" for number in range(100))


@pytest.mark.parametrize("faults", [MAX_ERRORS + 1, 50_000])
def test_of_more_the_last_entry_says_so(faults: int) -> None:
    problem = refused({"name": "x", **{f"field {number}": 1 for number in range(faults)}})
    assert (problem.error, problem.code) == (problem.errors[0]["detail"], "unknown_field")
    assert len({fault["pointer"] for fault in problem.errors}) == 100
    assert all(fault["pointer"].startswith("/field ") for fault in problem.errors[:-1])
    assert problem.errors[-1] == {"pointer": "", "detail": "There are more faults; these are the first 99."}


def test_faults_of_one_field_count_each() -> None:
    error = ValidationError({"name": [f"Wrong {number}." for number in range(500)]})
    assert len(field_errors(error.messages)) == 100

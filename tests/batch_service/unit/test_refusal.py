from batch_service.domain.refusal import CANCELLED, Refusal, pointer_to


def test_a_refusal_is_a_problem_document() -> None:
    assert Refusal(400, "invalid_path", "Invalid path.", "/path").document() == {
        "type": "about:blank",
        "title": "Bad Request",
        "status": 400,
        "detail": "Invalid path.",
        "error": "Invalid path.",
        "code": "invalid_path",
        "errors": [{"pointer": "/path", "detail": "Invalid path."}],
    }
    assert CANCELLED.document()["errors"] == []


def test_what_it_quotes_of_an_item_does_not_grow_with_the_item() -> None:
    document = Refusal(400, "invalid_item", "Unknown field " + "x" * 100_000, "/" + "x" * 100_000).document()
    assert len(str(document)) < 5_000


def test_a_pointer_escapes_what_it_points_to() -> None:
    assert pointer_to("headers", "a/b~c") == "/headers/a~1b~0c"

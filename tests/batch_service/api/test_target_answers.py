"""How what the target does is told in an item's result."""

import base64

import pytest

from tests.batch_service.api.asking import Api, good
from tests.batch_service.api.tiny_api import TinyApi


def problem(api: Api, item: object, *, entity: str = "things") -> tuple[str, str]:
    (result,) = api.results([item], entity=entity)
    return result["responseCode"], result["responseBody"]["code"]


def test_a_body_that_is_not_json_is_wrapped(api: Api) -> None:
    assert api.result(good("page"))["responseBody"] == {
        "contentType": "text/html",
        "base64": base64.b64encode(b"<p>hello</p>").decode(),
    }


def test_a_redirect_is_not_followed(api: Api) -> None:
    assert problem(api, good("elsewhere")) == ("502", "target_redirect_refused")


def test_an_answer_past_the_cap_is_not_kept(api: Api) -> None:
    assert problem(api, good("huge")) == ("502", "target_response_too_large")


def test_a_write_that_the_target_hung_up_on_has_an_unknown_outcome_and_is_sent_once(api: Api, target: TinyApi) -> None:
    before = len(target.asked)
    assert problem(api, good("hang up")) == ("409", "outcome_unknown")
    assert len(target.asked) == before + 1


def test_a_target_that_cannot_be_reached(api: Api) -> None:
    assert problem(api, good(), entity="nowhere") == ("502", "target_broken")


def test_a_target_that_resolves_to_a_private_address(api: Api, target: TinyApi) -> None:
    before = len(target.asked)
    assert problem(api, good(), entity="fenced") == ("502", "target_address_refused")
    assert len(target.asked) == before


@pytest.mark.parametrize(
    "name",
    [
        "{{7*7}}",
        "{id}",
        "${jndi:ldap://x}",
        "$0.id",
        "__proto__",
        "'; drop table jobs; --",
        "%s%n",
        "😀",
        "\0",
        "x" * 1_000_000,
    ],
)
def test_text_is_passed_on_and_never_read(api: Api, name: str) -> None:
    batch = [good(name)]
    response = api.post(batch)
    (result,) = response.get_json()
    assert result["responseBody"].get("name", name) == name
    assert result["responseCode"] in ("201", "502")  # the longest comes back longer than the answer's cap

"""Every rule has a pair of documents that differ in it alone."""

import pytest

from tests.contract.gate import breaking, harmless
from tests.contract.gate.base import BASE, Json, Pair, put
from tools.contract_gate.documents import Document
from tools.contract_gate.operations import compare
from tools.contract_gate.rules import RULES, Finding


def found(before: Json, after: Json) -> list[Finding]:
    return compare(Document(before), Document(after))


@pytest.mark.parametrize("pair", breaking.PAIRS, ids=lambda pair: pair.name)
def test_a_break_is_found(pair: Pair) -> None:
    findings = found(*pair.documents)
    assert pair.rule in {finding.rule.id for finding in findings}
    assert RULES[pair.rule].breaks
    assert findings[0].rule.breaks, "breaks come first"
    assert str(findings[0]).endswith(f"[{findings[0].rule.id}]")


@pytest.mark.parametrize("pair", harmless.PAIRS, ids=lambda pair: pair.name)
def test_an_addition_is_told_from_a_break(pair: Pair) -> None:
    findings = found(*pair.documents)
    assert pair.rule in {finding.rule.id for finding in findings}
    assert [str(finding) for finding in findings if finding.rule.breaks] == []


@pytest.mark.parametrize(("name", "at", "before", "after"), harmless.SILENT, ids=[case[0] for case in harmless.SILENT])
def test_what_means_the_same_is_no_difference(name: str, at: str, before: Json, after: Json) -> None:
    old, new = put(BASE, at, before), put(BASE, at, after)
    assert found(old, new) == []
    assert found(new, old) == []


def test_a_contract_does_not_differ_from_itself() -> None:
    assert found(BASE, BASE) == []


def test_a_variable_of_a_path_may_get_another_name() -> None:
    renamed = put(BASE, "paths//things/{thingId}", None)
    item = BASE["paths"]["/things/{thingId}"]
    parameter = {**item["parameters"][0], "name": "id"}
    del renamed["paths"]["/things/{thingId}"]
    renamed["paths"]["/things/{id}"] = {**item, "parameters": [parameter]}
    assert found(BASE, renamed) == []


def test_every_rule_is_shown_by_a_pair() -> None:
    shown = {pair.rule for pair in (*breaking.PAIRS, *harmless.PAIRS)}
    assert RULES.keys() - shown == {"version-removed"}, "test_gate.py shows that one"

"""The page that lists the rules."""

from tools.contract_gate.rules import RULES, Rule

_HEAD = """# What breaks a contract, rule by rule

`make openapi` writes this page from `tools/contract_gate/rules.py`. [versioning.md](versioning.md) has the policy behind it.

"""


def page() -> str:
    """Return the page as Markdown."""
    breaking = [rule for rule in RULES.values() if rule.breaks]
    additions = [rule for rule in RULES.values() if not rule.breaks]
    return f"{_HEAD}## Breaks\n\n{_table(breaking)}\n## Additions\n\n{_table(additions)}"


def _table(rules: list[Rule]) -> str:
    rows = [f"| `{rule.id}` | {rule.says} | {rule.why} |\n" for rule in rules]
    return "".join(["| id | what differs | why |\n| --- | --- | --- |\n", *rows])

"""What was published may be added to and not broken: compares each contract with the newest that was published of it.

`python -m tools.contract_gate check` says in words what differs and exits 1 on a break; `release` publishes.
"""

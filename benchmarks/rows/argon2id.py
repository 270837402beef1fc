"""No service at all: as many password hashes as there are users, on all cores. The limit for passwords in clear."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import argon2

from benchmarks.row import Body, Call, Row, Sent

# What the users service takes for a new hash (docs/running.md).
_MEMORY_KIB, _TIME_COST, _PARALLELISM = 19_456, 2, 1


def send(call: Call, bodies: Sequence[Body]) -> Sent:
    """Hash the passwords; argon2 lets other threads run meanwhile."""
    hasher = argon2.PasswordHasher(memory_cost=_MEMORY_KIB, time_cost=_TIME_COST, parallelism=_PARALLELISM)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        made = list(pool.map(hasher.hash, (body["password"] for body in bodies)))
    return Sent({201: len(made)})


ROW = Row(92, "argon2id", "argon2id on all cores: the limit", send, targets=frozenset({"plain"}))

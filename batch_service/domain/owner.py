"""Whose a job is: nobody else sees it, changes it, or learns that there is one."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Owner:
    """The caller of a request, as far as jobs are concerned."""

    tenant: str
    subject: str
    """Unique in its tenant."""
    is_admin: bool = False
    """It reaches the jobs of the others in its tenant too; those that it makes are its own."""

"""The user, with the fields that the bodies of the benchmark have."""

import uuid

from django.db import models


class User(models.Model):
    """A user whose password was hashed before."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    username = models.CharField(max_length=255, unique=True)
    password_hash = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)

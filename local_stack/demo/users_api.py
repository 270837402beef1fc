"""The users service as anybody sees it: over HTTP."""

from typing import Any

import requests

_TIMEOUT_S = 60.0


class UsersApi:
    """Calls of the users service over one kept connection."""

    def __init__(self, base_url: str, api_key: str) -> None:
        self.collection = f"{base_url}/v1/users"
        self.headers = {"Authorization": f"Bearer {api_key}"}
        self._session = requests.Session()
        self._session.trust_env = False  # a proxy in the environment is no way to this machine itself
        self._session.headers.update(self.headers)

    def count(self) -> int:
        """Count the users by reading the whole list, page by page."""
        users, cursor = 0, None
        while True:
            page = self._get({"limit": 1000, "cursor": cursor})
            users += len(page["users"])
            cursor = page["next"]
            if cursor is None:
                return users

    def accepts(self, user_id: str, password: str) -> bool:
        """Say whether the service takes the password for the user's own."""
        answer = self._session.post(
            f"{self.collection}/{user_id}/password-check", json={"password": password}, timeout=_TIMEOUT_S
        )
        return answer.status_code == 204

    def close(self) -> None:
        """Close the connection."""
        self._session.close()

    def _get(self, query: dict[str, Any]) -> dict[str, Any]:
        answer = self._session.get(self.collection, params=query, timeout=_TIMEOUT_S)
        answer.raise_for_status()
        page: dict[str, Any] = answer.json()
        return page

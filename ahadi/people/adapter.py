"""How sign-in behaves here: agents are invited, nobody signs up."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from ahadi.people import entrance


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Closes self sign-up: an account comes from an administrator's invitation."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def login(self, request: HttpRequest, user: Any) -> None:
        super().login(request, user)
        entrance.note(request, user)

    def populate_username(self, request: HttpRequest, user: Any) -> None:
        """Agents have no user names."""

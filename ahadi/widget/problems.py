"""What the panel reads when something is wrong: RFC 9457, with a code that stays and a sentence to show."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus

from django.http import HttpResponse


class Problem(Exception):
    """A call of the panel that cannot be answered as it is."""

    def __init__(self, status: int, code: str, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail = status, code, detail
        self.headers = dict(headers or {})

    def answer(self) -> HttpResponse:
        """The problem as application/problem+json."""
        body = {
            "type": f"about:blank#{self.code}",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
        }
        return HttpResponse(
            json.dumps(body, ensure_ascii=False),
            "application/problem+json",
            status=self.status,
            headers=self.headers,
        )

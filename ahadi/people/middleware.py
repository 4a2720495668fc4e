"""What the pages of allauth answer, brought into line with the others."""

from __future__ import annotations

from collections.abc import Callable

from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

PAGES = "/accounts/"


class WrongInputMiddleware:
    """Answers 422 where allauth shows a form again with what is wrong in it."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.answer(request)

    def process_template_response(self, request: HttpRequest, response: TemplateResponse) -> TemplateResponse:
        """Look into the forms of a page before it is drawn."""
        if request.method == "POST" and response.status_code == 200 and request.path.startswith(PAGES):
            shown = (response.context_data or {}).values()
            if any(isinstance(form, BaseForm) and form.errors for form in shown):
                response.status_code = 422
        return response

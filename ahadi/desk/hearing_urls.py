"""The doors of the hearing of one ticket."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from ahadi.desk.views import hearing

of_ticket: list[URLPattern | URLResolver] = [
    path("statement/", hearing.statement, name="statement"),
    path("repeats/", hearing.repeats, name="repeats"),
]

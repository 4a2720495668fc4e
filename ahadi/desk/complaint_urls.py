"""The doors of formal complaints, and of talks that are ended."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from ahadi.desk.views import complaints, endings

_ONE = "complaints/<int:year>/<int:serial>/"

of_desk: list[URLPattern | URLResolver] = [
    path("endings/", endings.endings, name="endings"),
    path("complaints/", complaints.complaints, name="complaints"),
    path(_ONE, complaints.complaint, name="complaint"),
    path(f"{_ONE}handler/", complaints.handler, name="complaint_handler"),
    path(f"{_ONE}exclusion/", complaints.exclusion, name="complaint_exclusion"),
    path(f"{_ONE}letter/", complaints.letter, name="complaint_letter"),
    path(f"{_ONE}decision/", complaints.decision, name="complaint_decision"),
    path(f"{_ONE}copy/", complaints.copy, name="complaint_copy"),
    path(f"{_ONE}chronology/", complaints.history, name="complaint_chronology"),
]
of_ticket: list[URLPattern | URLResolver] = [
    path("ending/", endings.ending, name="ending"),
    path("ending/warning/", endings.warning, name="ending_warning"),
    path("ending/conclusion/", endings.conclusion, name="ending_conclusion"),
    path("ending/review/", endings.review, name="ending_review"),
]
of_settings: list[URLPattern | URLResolver] = [
    path("complaint-rules/", complaints.rules, name="complaint_rules"),
]

"""The doors of what lies at hand beside a ticket."""

from __future__ import annotations

from django.urls import URLPattern, path

from ahadi.desk.views import at_hand

urlpatterns: list[URLPattern] = [
    path("words/", at_hand.words, name="words"),
    path("words/<int:pk>/uses/", at_hand.uses, name="words_uses"),
    path("macros/<int:pk>/", at_hand.runs, name="macro_runs"),
]

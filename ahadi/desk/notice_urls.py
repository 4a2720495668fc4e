"""The doors of notices."""

from __future__ import annotations

from django.urls import URLPattern, path

from ahadi.desk.views import notices

urlpatterns: list[URLPattern] = [
    path("", notices.notices, name="notices"),
    path("news/", notices.news, name="news"),
    path("readings/", notices.readings, name="readings"),
    path("browsers/", notices.browsers, name="browsers"),
    path("browsers/removal/", notices.browser_removal, name="browser_removal"),
]

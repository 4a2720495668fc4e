"""The doors of the design system."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from ahadi.ui import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("language/", views.language, name="language"),
    path("ui/", views.ui, name="ui"),
]

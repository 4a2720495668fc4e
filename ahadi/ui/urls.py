"""The doors of the design system."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from ahadi.ui import app, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("language/", views.language, name="language"),
    path("ui/", views.ui, name="ui"),
    path("manifest.webmanifest", app.manifest, name="manifest"),
    path("icon-<int:size>.png", app.icon, name="app_icon"),
    path("worker.js", app.worker, name="worker"),
    path("offline/", app.offline, name="offline"),
]

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from ahadi.api import health

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.health, name="health"),
    path("metrics", health.metrics, name="metrics"),
]

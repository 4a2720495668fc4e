from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from ahadi.api import description, health, v1

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.health, name="health"),
    path("metrics", health.metrics, name="metrics"),
    path("api/openapi.json", description.openapi, name="openapi"),
    path("api/docs/", description.page, name="api_docs"),
    path("api/v1/", include((v1.patterns(), "api-v1"), namespace="api-v1")),
]

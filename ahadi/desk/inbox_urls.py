"""The doors of the settings of inboxes: servers, sign-in at Google and Microsoft, mail brought by HTTP."""

from __future__ import annotations

from django.urls import URLPattern, path

from ahadi.desk.views import consent, inboxes, servers, webhooks

urlpatterns: list[URLPattern] = [
    path("", inboxes.inboxes, name="inboxes"),
    path("consent/", consent.answer, name="consent_answer"),
    path("webhooks/", webhooks.webhooks, name="webhooks"),
    path("<int:pk>/", inboxes.inbox, name="inbox"),
    path("<int:pk>/consent/", consent.consent, name="consent"),
    path("<int:pk>/pause/", servers.pause, name="server_pause"),
    path("<int:pk>/<slug:way>/", servers.server, name="server"),
    path("<int:pk>/<slug:way>/trial/", servers.trial, name="server_trial"),
    path("<int:pk>/<slug:way>/removal/", servers.removal, name="server_removal"),
]

"""The doors of promises, targets and who gets what: of the settings, of one ticket, of the desk."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from ahadi.desk.views import hours, policies, targets

of_settings: list[URLPattern | URLResolver] = [
    path("hours/<int:pk>/year/<int:year>/", hours.year, name="hours_year"),
    path("policies/", policies.policies, name="policies"),
    path("policies/<int:pk>/", policies.policy, name="policy"),
    path("policies/<int:pk>/ending/", policies.ending, name="policy_ending"),
]
of_ticket: list[URLPattern | URLResolver] = [
    path("targets/", targets.targets, name="targets"),
    path("thanks/", targets.thanks, name="thanks"),
]
of_desk: list[URLPattern | URLResolver] = []

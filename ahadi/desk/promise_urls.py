"""The doors of promises, targets and who gets what: of the settings, of one ticket, of the desk."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from ahadi.desk.views import absences, board, hours, policies, targets

of_settings: list[URLPattern | URLResolver] = [
    path("hours/<int:pk>/year/<int:year>/", hours.year, name="hours_year"),
    path("board/", board.board, name="board"),
    path("staffing/", board.staffing, name="staffing"),
    path("absences/", absences.absences, name="absences"),
    path("absences/<int:pk>/removal/", absences.absence_removal, name="absence_removal"),
    path("policies/", policies.policies, name="policies"),
    path("policies/<int:pk>/", policies.policy, name="policy"),
    path("policies/<int:pk>/ending/", policies.ending, name="policy_ending"),
]
of_ticket: list[URLPattern | URLResolver] = [
    path("targets/", targets.targets, name="targets"),
    path("thanks/", targets.thanks, name="thanks"),
]
of_desk: list[URLPattern | URLResolver] = []

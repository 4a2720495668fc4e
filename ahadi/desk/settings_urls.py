"""The doors of the settings, of what waits for an administrator, and of one's own profile."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from ahadi.desk import complaint_urls, inbox_urls, law_urls, promise_urls
from ahadi.desk.views import (
    agents,
    automatic,
    company,
    hours,
    keys,
    letterhead,
    mail_check,
    outbox,
    own_fields,
    profile,
    quarantine,
    saved_searches,
    teams,
    trust,
)
from ahadi.people import views as people

urlpatterns: list[URLPattern | URLResolver] = [
    path("", company.settings, name="settings"),
    path("company/", company.company, name="company"),
    path("hours/", hours.hours, name="hours"),
    path("hours/<int:pk>/", hours.week, name="week"),
    path("hours/<int:pk>/holidays/", hours.holidays, name="holidays"),
    path("teams/", teams.teams, name="teams"),
    path("teams/<int:pk>/", teams.team, name="team"),
    path("agents/", agents.agents, name="agents"),
    path("agents/<int:pk>/", agents.agent, name="agent"),
    path("agents/<int:pk>/link/", agents.link, name="agent_link"),
    path("agents/<int:pk>/sessions/removal/", agents.sessions, name="agent_sessions"),
    path("inboxes/", include(inbox_urls.urlpatterns)),
    *promise_urls.of_settings,
    *complaint_urls.of_settings,
    *law_urls.of_settings,
    path("fields/", own_fields.fields, name="fields"),
    path("fields/<int:pk>/", own_fields.field, name="field"),
    path("tags/", own_fields.tags, name="tags_of_all"),
    path("tags/<int:pk>/", own_fields.tag, name="tag_of_all"),
    path("letterhead/", letterhead.letterhead, name="letterhead"),
    path("letterhead/<slug:kind>/<slug:code>/", letterhead.letter_sample, name="letter_sample"),
    path("mail-checks/", mail_check.checkups, name="mail_checks"),
    path("mail-checks/<int:pk>/", mail_check.checkup, name="mail_check"),
    path("trust/", trust.trust, name="trust"),
    path("trust/<int:pk>/doubt/", trust.doubts, name="doubt"),
    path("quarantine/", quarantine.quarantine, name="quarantine"),
    path("quarantine/<int:pk>/", quarantine.message, name="quarantined"),
    path("quarantine/<int:pk>/release/", quarantine.release, name="release"),
    path("automatic/", automatic.automatic, name="automatic"),
    path("automatic/continuation/", automatic.continuation, name="continuation"),
    path("automatic/suppressions/<int:pk>/lifting/", automatic.lifting, name="lifting"),
    path("outbox/", outbox.outbox, name="outbox"),
    path("outbox/<int:pk>/try/", outbox.attempt, name="outbox_try"),
    path("searches/", saved_searches.searches, name="searches"),
    path("searches/<int:pk>/", saved_searches.search, name="saved_search"),
    path("searches/<int:pk>/place/", saved_searches.place, name="search_place"),
    path("searches/<int:pk>/removal/", saved_searches.removal, name="search_removal"),
    path("searches/<int:pk>/return/", saved_searches.comeback, name="search_return"),
    path("keys/", keys.keys, name="keys"),
    path("", include("ahadi.desk.own_settings_urls")),
    path("profile/", profile.profile, name="profile"),
    path("photos/<int:pk>/", people.photo, name="photo"),
]

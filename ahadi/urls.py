"""Every door of the product that speaks HTTP."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [
    # Looked for first, because most pages are for agents.
    path("desk/", include("ahadi.desk.urls")),
    path("", include("ahadi.portal.urls")),
    path("", include("ahadi.widget.urls")),
    path("", include("ahadi.ui.urls")),
    path("", include("ahadi.channels.urls")),
    path("", include("ahadi.api.urls")),
    path("", include("ahadi.ledger.urls")),
    path("accounts/", include("ahadi.people.urls")),
    path("accounts/", include("allauth.urls")),
]

handler400 = "ahadi.ui.views.bad_request"
handler403 = "ahadi.ui.views.forbidden"
handler404 = "ahadi.ui.views.not_found"
handler500 = "ahadi.ui.views.server_error"

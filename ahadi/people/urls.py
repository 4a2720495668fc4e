from __future__ import annotations

from django.urls import path
from django.views.generic import RedirectView

from ahadi.people import views

app_name = "people"
urlpatterns = [
    path("link/<str:token>/", views.sign_in, name="sign_in"),
    # An administrator changes an agent's address; the pages for doing it alone are closed.
    path("email/", RedirectView.as_view(url="/desk/settings/profile/"), name="email"),
    path("sessions/<int:pk>/ending/", views.session_ending, name="session_ending"),
    path("photos/<int:pk>/", views.photo, name="photo"),
]

from __future__ import annotations

from django.urls import path

from ahadi.people import views

app_name = "people"
urlpatterns = [
    path("link/<str:token>/", views.sign_in, name="sign_in"),
    path("photos/<int:pk>/", views.photo, name="photo"),
]

from __future__ import annotations

from django.urls import path

from ahadi.widget import pages, sessions, views

app_name = "widget"
urlpatterns = [
    path("widget.js", pages.script, name="script"),
    path("widget/frame/", pages.frame, name="frame"),
    path("widget/sessions/", sessions.sessions, name="sessions"),
    path("widget/events/", views.events, name="events"),
    path("widget/messages/", views.messages, name="messages"),
    path("widget/files/", views.files, name="files"),
    path("widget/files/<str:name>/", views.file, name="file"),
    path("widget/typing/", views.typing, name="typing"),
    path("widget/seen/", views.seen, name="seen"),
    path("widget/person/", views.person, name="person"),
    path("widget/way/", views.way, name="way"),
    path("widget/end/", views.end, name="end"),
    path("widget/talks/", views.begin, name="talks"),
    path("widget/open/", views.open_case, name="open_case"),
]

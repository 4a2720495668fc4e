from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from ahadi.channels import pictures, views
from ahadi.channels.email import webhook
from ahadi.channels.phone import door

app_name = "channels"
urlpatterns: list[URLPattern | URLResolver] = [
    # Mailgun sends the whole mail to addresses that end in this word.
    path("hooks/<slug:provider>/mime", webhook.bring, name="webhook"),
    path("in/phone/<str:key>/", door.bring, name="phone"),
    path("desk/raw/<int:pk>/", views.raw, name="raw"),
    path("desk/attachments/<int:pk>/", views.attachment, name="attachment"),
    path("desk/html/<int:pk>/", views.html, name="html"),
    path("desk/html/<int:pk>/pictures/", pictures.load, name="pictures"),
    path("logo/<str:name>/", views.logo, name="logo"),
    path("dev/outbox/", views.outgoing_mails, name="outgoing_mails"),
    path("dev/outbox/<int:pk>/", views.outgoing_mail, name="outgoing_mail"),
    path("dev/outbox/<int:pk>/html/", views.outgoing_html, name="outgoing_html"),
]

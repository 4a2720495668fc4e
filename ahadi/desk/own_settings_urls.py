"""The doors of the settings of prepared words, of notices and of accounts."""

from __future__ import annotations

from django.urls import URLPattern, path

from ahadi.desk.views import at_hand, entrance, notices

urlpatterns: list[URLPattern] = [
    path("saved-replies/", at_hand.replies, name="saved_replies"),
    path("saved-replies/<int:pk>/", at_hand.reply, name="saved_reply"),
    path("saved-replies/<int:pk>/removal/", at_hand.reply_removal, name="saved_reply_removal"),
    path("sign-in/", entrance.rules, name="sign_in_rules"),
    path("notifications/", notices.notifications, name="notifications"),
    path("macros/", at_hand.macros, name="macros"),
    path("macros/<int:pk>/", at_hand.macro, name="macro"),
    path("macros/<int:pk>/removal/", at_hand.macro_removal, name="macro_removal"),
]

"""The doors of the customers' pages."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from ahadi.portal import (
    agreeing,
    asking,
    calling,
    complaining,
    contact,
    feed,
    following,
    handouts,
    preferences,
    proving,
    receipts,
)

app_name = "portal"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", contact.contact, name="contact"),
    path("ask/", asking.ask, name="ask"),
    path("call/", calling.call, name="call"),
    path("complain/", complaining.complain, name="complain"),
    path("r/", following.find, name="find"),
    path("r/<str:number>/", following.follow, name="follow"),
    path("r/<str:number>/asked/", asking.asked, name="asked"),
    path("r/<str:number>/complaint/", complaining.complaint, name="complaint"),
    path("r/<str:number>/complaint/copy/", complaining.copy, name="complaint_copy"),
    path("r/<str:number>/complaint/chronology/", complaining.history, name="chronology"),
    path("r/<str:number>/call/withdrawal/", calling.withdrawal, name="call_withdrawal"),
    path("r/<str:number>/messages/", following.messages, name="messages"),
    path("r/<str:number>/files/<int:pk>/", following.file, name="file"),
    path("r/<str:number>/understanding/", agreeing.understanding, name="understanding"),
    path("r/<str:number>/correction/", agreeing.correction, name="correction"),
    path("r/<str:number>/solution/", agreeing.solution, name="solution"),
    path("r/<str:number>/preferences/", preferences.preferences, name="preferences"),
    path("calendar/<str:token>.ics", feed.feed, name="feed"),
    path("r/<str:number>/codes/", proving.codes, name="codes"),
    path("r/<str:number>/proof/", proving.proof, name="proof"),
    path("r/<str:number>/key/", proving.key, name="key"),
    path("r/<str:number>/keys/", proving.keys, name="keys"),
    path("r/<str:number>/receipt/", receipts.receipt, name="receipt"),
    path("r/<str:number>/paper/", receipts.paper, name="paper"),
    path("r/<str:number>/entries/<int:seq>/receipt/", receipts.receipt, name="entry_receipt"),
    path("r/<str:number>/entries/<int:seq>/paper/", receipts.paper, name="entry_paper"),
    path("verify/", receipts.check, name="verify"),
    path("r/<str:number>/leaving/", proving.leaving, name="leaving"),
    path("r/<str:number>/<str:token>/", proving.link, name="link"),
    path("files/<str:token>/", handouts.handout, name="handout"),
    path(".well-known/security.txt", contact.security, name="security"),
]

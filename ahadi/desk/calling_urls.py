"""The doors of rings and calls."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from ahadi.desk.views import calls, formal, ringing, telephony

of_ticket: list[URLPattern | URLResolver] = [
    path("call-codes/", calls.codes, name="call_codes"),
    path("call/", calls.call, name="call"),
    path("call/start/", telephony.start, name="call_start"),
    path("call/recording/", calls.recording, name="call_recording"),
    path("formal-complaint/", formal.complaint, name="formal_complaint"),
]
of_desk: list[URLPattern | URLResolver] = [
    path("calls/", calls.calls, name="calls"),
    path("calls/new/", calls.new, name="new_call"),
    path("calls/telephone/", telephony.own, name="own_telephone"),
    path("rings/", ringing.rings, name="rings"),
    path("rings/quiet/", ringing.quiet, name="ring_quiet"),
    path("rings/<int:pk>/acceptance/", ringing.acceptance, name="ring_acceptance"),
    path("rings/<int:pk>/refusal/", ringing.refusal, name="ring_refusal"),
]
of_settings: list[URLPattern | URLResolver] = [
    path("telephone/", telephony.lines, name="telephony"),
    path("telephone/<int:pk>/", telephony.line, name="phone_line"),
]

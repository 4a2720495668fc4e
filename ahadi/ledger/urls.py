"""Where the log is read."""

from __future__ import annotations

from django.urls import path

from ahadi.ledger import views

urlpatterns = [
    path("ledger/checkpoint", views.show_checkpoint, name="checkpoint"),
    path("ledger/tile/<int:level>/<path:path>", views.show_tile, name="tile"),
    path("ledger/consistency/<int:old>/<int:new>", views.show_consistency, name="consistency"),
    path("ledger/policy", views.show_policy, name="policy"),
    path("add-checkpoint", views.add_checkpoint, name="add_checkpoint"),
    path("ledger/vkey", views.show_keys, name="vkey"),
    path(".well-known/ahadi-ledger.json", views.describe, name="ledger"),
]

"""The doors to what the law asks for: forgetting, terms, and the proof that all holds."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from ahadi.desk.views import erasures, proof

of_settings: list[URLPattern | URLResolver] = [
    path("forgetting/", erasures.erasures, name="erasures"),
    path("forgetting/people/<int:pk>/", erasures.person, name="person_known"),
    path("forgetting/people/<int:pk>/file/", erasures.file, name="person_file"),
    path("forgetting/people/<int:pk>/hold/", erasures.hold, name="person_hold"),
    path("forgetting/people/<int:pk>/release/", erasures.release, name="person_release"),
    path("forgetting/<int:pk>/confirmation/", erasures.confirmation, name="erasure_confirmation"),
    path("forgetting/<int:pk>/withdrawal/", erasures.withdrawal, name="erasure_withdrawal"),
    path("terms/", erasures.terms, name="terms"),
    path("proof/", proof.proof, name="proof_state"),
]

from __future__ import annotations

import pytest

pytestmark = pytest.mark.django_db


def test_the_desk_can_be_put_among_the_apps(client):
    described = client.get("/manifest.webmanifest").json()

    assert described["display"] == "standalone"
    for icon in described["icons"]:
        picture = client.get(icon["src"])
        assert picture["Content-Type"] == "image/png"
        assert picture.content.startswith(b"\x89PNG")
    assert client.get("/icon-31.png").status_code == 404


def test_the_worker_speaks_from_the_top(client):
    worker = client.get("/worker.js")

    assert worker["Content-Type"] == "text/javascript"
    assert "worker-src 'self'" in worker["Content-Security-Policy"]


def test_the_page_without_a_connection_names_nobody(client):
    assert "There is no connection." in client.get("/offline/").text

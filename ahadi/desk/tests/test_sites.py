"""Websites with the chat, as an administrator arranges them."""

from __future__ import annotations

import re

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from ahadi.channels.models import Site, SiteKey
from ahadi.testing import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(client):
    client.force_login(make.admin())
    return client


def test_a_website_is_added_and_its_line_copied(admin):
    given = {"name": "Shop", "team": make.team().pk, "language": "fa", "is_active": "on"}
    wrong = admin.post("/desk/settings/sites/", {**given, "places": "shop.example"})
    assert wrong.status_code == 422
    answer = admin.post(
        "/desk/settings/sites/", {**given, "places": "https://Shop.example/\nhttps://*.shop.example"}
    )
    site = Site.objects.get()
    assert site.origins == ["https://shop.example", "https://*.shop.example"]
    page = admin.get(answer["Location"]).content.decode()
    assert f"data-site=&#34;{site.key}&#34;" in page or f'data-site="{site.key}"' in page
    assert "frame-src http" in page
    assert "Shop" in admin.get("/desk/settings/sites/").content.decode()


def test_a_secret_is_shown_once_and_a_removed_key_is_dead(admin):
    site = make.site()
    page = admin.post(f"/desk/settings/sites/{site.pk}/keys/", {"algorithm": "HS256"}).content.decode()
    key = SiteKey.objects.get()
    assert key.secret in page
    assert (
        "no-store"
        in admin.post(f"/desk/settings/sites/{site.pk}/keys/", {"algorithm": "hmac"})["Cache-Control"]
    )
    again = admin.get(f"/desk/settings/sites/{site.pk}/").content.decode()
    assert key.kid in again
    assert key.secret not in again
    admin.post(f"/desk/settings/sites/{site.pk}/keys/{key.pk}/removal/")
    key.refresh_from_db()
    assert key.revoked is not None


def test_only_the_public_half_of_a_key_is_taken(admin):
    site, private = make.site(), Ed25519PrivateKey.generate()
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    public = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    address = f"/desk/settings/sites/{site.pk}/keys/"
    for wrong in ("", pem, "nonsense"):
        refused = admin.post(address, {"algorithm": "EdDSA", "public": wrong})
        assert refused.status_code == 422
    assert not SiteKey.objects.exists()
    assert re.search(
        r"The key was added", admin.post(address, {"algorithm": "EdDSA", "public": public}).content.decode()
    )

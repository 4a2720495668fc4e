from __future__ import annotations

import pytest

from ahadi.lib import vault


def test_what_was_sealed_comes_out_again():
    sealed = vault.seal("grüße 🔑", "server:1:password")

    assert vault.unseal(sealed, "server:1:password") == "grüße 🔑"


def test_the_same_secret_never_looks_the_same():
    assert vault.seal("secret", "a") != vault.seal("secret", "a")


def test_a_secret_cannot_be_moved_to_another_place():
    sealed = vault.seal("secret", "server:1:password")

    with pytest.raises(vault.Unsealable):
        vault.unseal(sealed, "server:2:password")


def test_another_key_reads_nothing(settings):
    sealed = vault.seal("secret", "server:1:password")
    settings.SECRET_KEY = "another key that is long enough"

    with pytest.raises(vault.Unsealable) as caught:
        vault.unseal(sealed, "server:1:password")

    assert "secret" not in str(caught.value).replace("A stored secret", "")


@pytest.mark.parametrize("changed", ["v1.", "v1.AAAA", "nonsense!", "v1." + "A" * 60])
def test_what_was_changed_is_refused(changed):
    with pytest.raises(vault.Unsealable):
        vault.unseal(changed, "a")


def test_nothing_stays_nothing():
    assert vault.seal("", "a") == ""
    assert vault.unseal("", "a") == ""

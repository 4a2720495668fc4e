"""Who speaks for whom among domains."""

from __future__ import annotations

import pytest

from ahadi.lib import dmarc, dns


@pytest.mark.parametrize(
    ("domain", "house"),
    [
        ("mail.post.example", "post.example"),
        ("post.example", "post.example"),
        ("a.b.shop.co.uk", "shop.co.uk"),
        ("evil.github.io", "evil.github.io"),
        ("a.evil.github.io", "evil.github.io"),
        ("www.ck", "www.ck"),
        ("a.b.c.ck", "b.c.ck"),
        ("co.uk", "co.uk"),
        ("example", "example"),
    ],
)
def test_a_house_stands_below_a_public_suffix(domain, house):
    assert dmarc.organisation(domain) == house


def test_domains_of_one_house_speak_for_each_other_unless_strict():
    assert dmarc.are_aligned("mail.post.example", "post.example")
    assert not dmarc.are_aligned("mail.post.example", "post.example", strict=True)
    assert not dmarc.are_aligned("evil.co.uk", "bank.co.uk")
    assert not dmarc.are_aligned("", "")


def test_a_policy_is_the_domains_own_or_that_of_its_house():
    zone = {
        "_dmarc.post.example": {"TXT": ["v=DMARC1; p=none; sp=reject; adkim=s"]},
        "_dmarc.own.post.example": {"TXT": ["v=DMARC1; p=quarantine"]},
        "_dmarc.two.example": {"TXT": ["v=DMARC1; p=reject", "v=DMARC1; p=none"]},
        "_dmarc.slow.example": dns.SILENCE,
    }

    with dns.answering(zone):
        assert dmarc.policy("post.example") == dmarc.Policy("none", True, False)
        assert dmarc.policy("mail.post.example") == dmarc.Policy("reject", True, False)
        assert dmarc.policy("own.post.example") == dmarc.Policy("quarantine", False, False)
        assert dmarc.policy("two.example") is None
        assert dmarc.policy("none.example") is None
        with pytest.raises(dns.Silent):
            dmarc.policy("slow.example")

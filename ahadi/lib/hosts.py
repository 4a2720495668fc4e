"""What the name or number of a machine says about where it is."""

from __future__ import annotations

from ipaddress import ip_address


def is_here(host: str) -> bool:
    """The name or number of this machine itself."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False

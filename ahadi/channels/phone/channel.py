"""The telephone as a way in and out: what is said on it is written down by people."""

from __future__ import annotations

from ahadi.channels.models import Delivery, RawMessage


class PhoneChannel:
    """Words from calls come from agents and from wishes for a call; answers stand on the customer's page."""

    code = "phone"

    def take_in(self, raw: RawMessage) -> None:
        """Calls are written down when they end; nothing waits to be read."""
        raise NotImplementedError("A call leaves no raw message.")

    def send(self, delivery: Delivery) -> None:
        """The words stand on the page of the request, which is where this customer reads them."""
        delivery.keep()

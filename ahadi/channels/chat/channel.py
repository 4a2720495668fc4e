"""The live chat as a way out: what we write stands in the panel, and goes by mail after whoever has left."""

from __future__ import annotations

from ahadi.channels.models import Delivery, RawMessage


class ChatChannel:
    """Words reach the visitor by their open stream; a delivery is over when they have seen it."""

    code = "chat"

    def take_in(self, raw: RawMessage) -> None:
        """Messages are complete when they come; nothing waits to be read."""
        raise NotImplementedError("A talk leaves no raw message.")

    def send(self, delivery: Delivery) -> None:
        """Nothing is handed over: the panel asks for it."""
        delivery.keep()

"""One delivery from its first attempt to its end: never twice, never silently not at all."""

from __future__ import annotations

from datetime import timedelta

from ahadi.channels import suppressions
from ahadi.channels.base import ChannelError, Doubtful
from ahadi.channels.jobs import channel
from ahadi.channels.models import Delivery
from ahadi.lib import clock

# After a day of trying the customer has waited long enough: a person finds another way.
GIVE_UP = timedelta(hours=24)


def send(delivery: Delivery) -> None:
    """Try once; raises where another attempt can help."""
    if delivery.is_over:
        return
    if delivery.state == Delivery.State.SENDING:
        delivery.doubt("The program ended while the message was being handed over.")
        return
    try:
        channel(delivery.channel).send(delivery)
    except Doubtful as error:
        delivery.doubt(str(error))
    except ChannelError as error:
        if error.permanent or clock.now() - delivery.created > GIVE_UP:
            delivery.fail(str(error))
            suppressions.learn(delivery.reader, str(error))
        else:
            delivery.wait(str(error))
            raise

from __future__ import annotations

from django.db import models

from ahadi.tickets.models.ticket import Ticket


class Statement(models.Model):
    """What the customer said in three parts, and what was already tried."""

    ticket = models.OneToOneField(Ticket, models.PROTECT, primary_key=True, related_name="statement")
    situation = models.TextField(blank=True)
    problem = models.TextField(blank=True)
    wish = models.TextField(blank=True)
    tried = models.TextField(blank=True)

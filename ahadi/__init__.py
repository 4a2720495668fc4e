"""Ahadi: customer support that keeps its promises."""

"""Calls: wished for on the portal, rung at the desk, taken over telephone systems, written down by people."""

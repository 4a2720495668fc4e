"""Leaves that prove what was said, without holding a word of it."""

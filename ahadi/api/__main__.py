"""Prints the description of the API, which is kept in docs/reference/openapi.json."""

from __future__ import annotations

import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ahadi.settings")
django.setup()

from ahadi.api import description  # noqa: E402

sys.stdout.write(description.text())

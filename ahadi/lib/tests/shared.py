"""Where the shared test material is, and how a test says that it is not there."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(os.environ.get("AHADI_SHARED", Path(__file__).parents[3].parent / "shared")) / "data"


def data(*parts: str) -> Path:
    """A file or folder of the shared material; the test is skipped where it is not kept."""
    path = ROOT.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"The shared test material {path} is not on this machine.")
    return path


def rows(*parts: str) -> list[dict[str, Any]]:
    """The rows of a JSON Lines file of the shared material."""
    return [
        json.loads(line) for line in data(*parts).read_text(encoding="utf-8").splitlines() if line.strip()
    ]


def squeezed(text: str) -> str:
    """Text with every run of white space as one space."""
    return " ".join(text.split())

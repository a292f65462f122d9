"""Putting a study's frozen version into the database, and opening it."""

from __future__ import annotations

import json
from pathlib import Path

from db.records import Status
from db.store import Store
from study_app.publishing.freeze import frozen_text


def publish(store: Store, folder: Path) -> str:
    """Freeze the study in ``folder`` and store it; an unchanged study changes nothing.

    Returns: the version, 64 hexadecimal digits.

    Errors: Problems, of the study file or of what was not built.
    """
    version, text = frozen_text(folder)
    stored = store.add_version(json.loads(text)["study"]["id"], text)
    if stored != version:
        raise AssertionError(f"the frozen text's hash is {stored}, not {version}")
    return version


def go_live(store: Store, version: str) -> bool:
    """Let live participants in, unless the version was closed; whether it is live."""
    if store.status(version) == Status.FROZEN:
        store.set_status(version, Status.LIVE)
    return store.status(version) == Status.LIVE

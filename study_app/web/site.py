"""The one study that this process serves; the pages read it here, whatever session they run in."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from db.records import Mode
from db.store import Store


@dataclass(frozen=True)
class Site:
    """What the participants' pages need to know.

    Arguments:
        store: the database.
        version: SHA-256 of the frozen version that new participants join.
        mode: ``live``, ``pilot`` or ``test``; stored with every answer and never mixed.
        stimuli: the folder of pictures.
    """

    store: Store
    version: str
    mode: Mode
    stimuli: Path


_site: Site | None = None


def use(site: Site) -> None:
    """Serve this study from now on. Not kept in Streamlit's caches: any client may clear those."""
    global _site
    _site = site


def current() -> Site:
    """The study being served; RuntimeError before `use`."""
    if _site is None:
        raise RuntimeError("no study is being served: call study_app.web.site.use first")
    return _site

"""The study: its file, its trials, the participant's pages, the dashboard and the command line."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

_HOME = Path(__file__).resolve().parent.parent


def _check_siblings() -> None:
    # `db` and `analysis` are names that other projects use too; a stranger in their place would
    # fail far from the cause.
    for name in ("db", "analysis", "explainers"):
        spec = find_spec(name)
        origin = Path(spec.origin).resolve() if spec and spec.origin else None
        if origin is None or origin.parent.parent != _HOME:
            found = f"found {origin}" if origin else "found nothing"
            raise ImportError(
                f"package '{name}' is not whyface's own ({found}, expected {_HOME / name}). "
                "fix: install whyface in an environment of its own, or rename the other package."
            )


_check_siblings()

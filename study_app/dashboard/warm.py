"""What the first visitor would wait for is computed while they type the password."""

from __future__ import annotations

from analysis.errors import AnalysisError
from db.errors import StoreError
from study_app.dashboard import data, figures
from study_app.dashboard.board import Board


def up(shown: Board) -> None:
    """Analyse the newest version's answers and draw the charts; what fails is told on the pages."""
    try:
        for version in data.versions()[:1]:
            look = data.look(version["hash"], shown.mode)
            first = next(iter(look.study.get("segments") or {}), "")
            figures.file(look, f"preference_{first}" if first else "preference", "svg")
            for name in figures.charts(look):
                figures.file(look, name, "svg")
    except (AnalysisError, StoreError):
        return

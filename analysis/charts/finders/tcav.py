"""How much each class depends on each given concept, beside a random control."""

from __future__ import annotations

from typing import Any

import pandas as pd

from analysis.charts.finders._scores import scores_chart


def draw(table: pd.DataFrame, title: str) -> Any:
    """Bars with intervals; see `scores_chart`."""
    return scores_chart(table, title, "score")

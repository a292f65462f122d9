"""The intruder test of CRAFT by expertise (Fel et al., CVPR 2023; read in the preprint).

Sub-concepts were found better: 67.03 % by laypeople, 74.81 % by experts. That people who have used
explainability are the paper's experts is this application's reading.
"""

from __future__ import annotations

from collections.abc import Mapping

from analysis.published_figures import READ, Figure

SOURCE = (
    "T. Fel et al., CRAFT: Concept Recursive Activation FacTorization for Explainability, "
    "CVPR 2023 (preprint)"
)
_LAY = {"explainability": ("never", "aware")}
_EXPERT = {"explainability": ("user",)}
_FIVE = "published: one of five"


def _found(text: str, value: float, group: Mapping[str, tuple[str, ...]]) -> Figure:
    statistic = quantity = "choice_accuracy"
    return Figure(text, "intruder", statistic, quantity, value, "", READ, group, _FIVE)


FIGURES = (
    _found("Laypeople find the intruder, concepts", 0.6108, _LAY),
    _found("Laypeople find the intruder, sub-concepts", 0.6703, _LAY),
    _found("Experts find the intruder, concepts", 0.7019, _EXPERT),
    _found("Experts find the intruder, sub-concepts", 0.7481, _EXPERT),
)

"""The main results for one choice of groups, each computed when it is asked for.

What the dashboard shows first, and what it shows for groups that the researcher chooses: any
background question, or two of them crossed. Whatever stands in no plan is exploratory.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from analysis.charts import Drawing, differences, preference
from analysis.data import segments
from analysis.data.collapsed import Collapsed
from analysis.data.frames import Frames
from analysis.plan import Result, compute
from analysis.summaries.summary import Summary, enough

CHARTS = {"preference": preference, "differences": differences}


@dataclass(frozen=True)
class Glance(Summary):
    """A summary that computes nothing in advance and looks at one choice of groups.

    Arguments:
        within: the column of the groups; None for everybody alone.
    """

    within: str | None = None
    _made: dict[Any, Result] = field(default_factory=dict, compare=False, repr=False)

    @property
    def groupings(self) -> list[str | None]:
        """The chosen groups."""
        return [self.within]

    def result(self, statistic: str, within: str | None, by: str = "option") -> Result | None:
        """The result of a request; one that needs single answers has a ``problem``."""
        key = statistic, within, by
        if key not in self._made:
            self._made[key] = compute(self.frames, statistic, within=within, by=by)
        return self._made[key]

    def drawing(self, name: str, note: str = "") -> Drawing | None:
        """One of `CHARTS`; None where it does not apply."""
        found = next(CHARTS[name].drawings(self, note), None)
        return found if found and found.name.startswith(name) else None


def choices(study: Any) -> list[str]:
    """The groups that can be chosen, alone or crossed: declared segments, then questions.

    Example:
        >>> choices({"background": [{"id": "job", "ask": "Job?", "choices": {"a": "Art"}}]})
        ['job']
    """
    known = segments.columns(study)
    declared = list(study.get("segments") or {})
    return [*declared, *(name for name in known if name not in declared)]


def glance(found: Collapsed | Summary, within: str | None = None) -> Glance:
    """The main results by the groups of ``within``, from sums or from the rows.

    Arguments:
        found: sums, or a summary of the rows where sums do not tell all.
        within: one of `choices`, or two of them joined by `analysis.data.segments.CROSS`.

    Errors:
        AnalysisError: there is no answer to analyse, or no such question.
    """
    after: Frames = found.frames if isinstance(found, Summary) else found.after
    enough(found.before, after, found.exclusions)
    frames = after.crossed(within) if within else after
    nothing = Result("", "", "selection_share", "option", None, False, ())
    return Glance(
        found.before, frames, tuple(found.exclusions), (), (), (), nothing, (), within=within
    )

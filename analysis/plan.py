"""What is computed: the study's own plan first, and everything else marked as exploratory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from analysis import defaults, statistics
from analysis.data.frames import Frames
from analysis.errors import AnalysisError
from analysis.estimate import Estimate
from analysis.multiplicity import ADJUSTMENTS
from analysis.words.choices import CHOSEN, reduced
from db.scale import Scale


@dataclass(frozen=True)
class Result:
    """One analysis with its estimates.

    Arguments:
        id: the plan's own id (``H1``), or a name made of the request (``E:new_items:option``).
        question: what is asked, in words.
        statistic, by, within: the request, see `analysis.statistics.run`.
        planned: whether it stands in the study file, written before the data.
        estimates: the answers; empty if there is a problem.
        problem: why it could not be computed, in words; empty if it could.
        family: for each estimate the p value adjusted over all planned tests; None for those that
            are not in that family.
        options: the statistic's own parameters, as given.
        scale: of the answers that it is about; empty where it does not matter.
    """

    id: str
    question: str
    statistic: str
    by: str
    within: str | None
    planned: bool
    estimates: tuple[Estimate, ...]
    problem: str = ""
    family: tuple[float | None, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    scale: str = ""

    @property
    def told(self) -> tuple[Estimate, ...]:
        """The estimates as words and tables tell them: differences of ratings are no shares."""
        if self.scale != Scale.RATING:
            return self.estimates
        return tuple(
            replace(e, quantity="rating_difference") if e.quantity == "paired_difference" else e
            for e in self.estimates
        )

    def of(self, segment: str) -> tuple[Estimate, ...]:
        """The estimates of one segment."""
        return tuple(e for e in self.estimates if e.segment == segment)


def planned(frames: Frames, level: float = 0.95) -> list[Result]:
    """The analyses of the study file, in its order, as written.

    Their tests are one family: ``multiplicity`` in the study file says how it is adjusted.
    """
    return in_family(_planned(frames, level), frames.study.get("multiplicity", "holm"))


def in_family(results: Sequence[Result], adjustment: str = "holm") -> list[Result]:
    """The results with the p values of all their tests adjusted together.

    Source: `analysis.multiplicity`.

    Each result enters with its first quantity that has p values: a second test of the same question
    (MANOVA beside the permutation) is not another chance of a false alarm that anybody acts on.
    Tests that are adjusted within their statistic enter with their own p value.

    Arguments:
        results: the planned analyses.
        adjustment: ``holm``, ``benjamini_hochberg`` or ``none``.

    Returns:
        the same results, in their order, with ``family``.
    """
    if adjustment not in ADJUSTMENTS:
        return list(results)
    places, single = [], []
    for number, result in enumerate(results):
        tested = [e for e in result.estimates if e.p is not None]
        for place, e in enumerate(result.estimates):
            if e.p is not None and e.quantity == tested[0].quantity:
                places.append((number, place))
                single.append(e.p if e.p_single is None else e.p_single)
    adjusted = dict(zip(places, ADJUSTMENTS[adjustment](single).tolist(), strict=True))
    return [
        replace(
            result,
            family=tuple(adjusted.get((number, place)) for place in range(len(result.estimates))),
        )
        for number, result in enumerate(results)
    ]


def _planned(frames: Frames, level: float) -> list[Result]:
    return [
        compute(
            _of_block(frames, entry.get("block")),
            entry["statistic"],
            by=entry.get("by", "option"),
            within=entry.get("within"),
            level=level,
            id=entry["id"],
            question=entry["question"],
            planned=True,
            options={key: value for key, value in entry.items() if key not in _PLAN_KEYS},
        )
        for entry in frames.study.get("analysis") or []
    ]


_PLAN_KEYS = {"id", "question", "statistic", "by", "within", "block"}


def _of_block(frames: Frames, name: str | None) -> Frames:
    """The same study with the answers of the block called ``name``; of all blocks if None."""
    if name is None:
        return frames
    names = [block.get("name") for block in frames.study["blocks"]]
    answers = frames.responses
    return replace(frames, responses=answers[answers["block"] == names.index(name)])


def exploratory(frames: Frames, level: float = 0.95) -> list[Result]:
    """The defaults for the scales of a study's answers, without what was planned.

    Errors: none; an analysis that cannot be made carries its ``problem``.
    """
    have = {
        (entry["statistic"], entry.get("by", "option"), entry.get("within"), entry.get("over"))
        for entry in frames.study.get("analysis") or []
        if not entry.get("block")
    }
    return [
        compute(
            ask.about,
            ask.statistic,
            by=ask.by,
            within=ask.within,
            level=level,
            id=_name(ask, ask.about is not frames),
            question=ask.question,
            options=ask.options,
        )
        for ask in defaults.asks(frames)
        if (ask.statistic, ask.by, ask.within, ask.options.get("over")) not in have
    ]


def compute(
    frames: Frames,
    statistic: str,
    *,
    by: str = "option",
    within: str | None = None,
    level: float = 0.95,
    id: str = "",
    question: str = "",
    planned: bool = False,
    options: Mapping[str, Any] | None = None,
) -> Result:
    """One analysis of the main answers.

    Arguments:
        frames: the data.
        statistic, by, within, level: see `analysis.statistics.run`.
        id, question, planned: what the result is called.
        options: the statistic's own parameters.

    Returns:
        the result; a request that the data cannot answer gives a result with a ``problem``.
    """
    given = dict(options or {})
    name = id or ":".join(("E", statistic, by, *([within] if within else [])))
    estimates: list[Estimate] = []
    problem = scale = ""
    try:
        if frames.collapsed and "count" not in statistics.columns(statistic, optional=True):
            where = f"statistic '{statistic}'"
            raise AnalysisError(where, "needs the single answers", "read them from the database")
        rows = answers(reduced(frames), statistic)
        if CHOSEN in rows:  # kinds of tests that this part does not have are no empty groups
            rows = rows.assign(option=rows["option"].cat.remove_unused_categories())
        else:
            rows = _offered(rows, frames.study)
        scales = rows["scale"].dropna().astype(str).unique()
        scale = scales[0] if len(scales) == 1 else ""
        estimates = statistics.run(statistic, rows, by=by, within=within, level=level, **given)
    except AnalysisError as error:
        problem = f"{error.where} {error.what}"
    return Result(
        name,
        question,
        statistic,
        by,
        within,
        planned,
        tuple(estimates),
        problem,
        options=given,
        scale=scale,
    )


def _offered(rows: pd.DataFrame, study: Mapping[str, Any]) -> pd.DataFrame:
    """The answers without the options of other questions, which are no empty groups of these."""
    blocks = study.get("blocks") or []
    if not blocks or not isinstance(rows["option"].dtype, pd.CategoricalDtype):
        return rows
    asked = rows["block"].dropna().unique() if "block" in rows else range(len(blocks))
    offered = {name for number in asked for name in blocks[int(number)].get("options") or ()}
    offered |= set(rows["option"].dropna().unique())
    others = [name for name in rows["option"].cat.categories if name not in offered]
    return rows.assign(option=rows["option"].cat.remove_categories(others))


def _name(ask: defaults.Ask, part: bool) -> str:
    main = ask.about.main
    kinds = [*main["type"].dropna().unique(), *main["block"].dropna().unique()] if part else []
    parts = [ask.statistic, ask.by, ask.within, ask.options.get("over"), *kinds]
    return ":".join(("E", *(str(name) for name in parts if name)))


def answers(frames: Frames, statistic: str) -> pd.DataFrame:
    """The main answers that a statistic is about.

    Arguments:
        frames: the data.
        statistic: its name; answers on scales that it does not accept are left out.

    Errors:
        AnalysisError: unknown statistic; a statistic of values, and values of several scales that
            it accepts: they must not be thrown together.
    """
    main = frames.main
    there = set(map(str, main["scale"].dropna().unique()))
    accepted = sorted(there & set(map(str, statistics.accepts(statistic))))
    if len(there) < 2 or not accepted:
        return main
    if len(accepted) > 1 and "value" in statistics.columns(statistic):
        what = f"does not mix answers on the scales {' and '.join(accepted)}"
        raise AnalysisError(f"statistic '{statistic}'", what, "analyse one kind of question")
    return main[main["scale"].isin(accepted)]

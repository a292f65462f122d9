"""Everything that report and dashboard show about one study, computed once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import isnan

from analysis.claims import Verdict
from analysis.data import exclusions as rules
from analysis.data.exclusions import Exclusion
from analysis.data.frames import Frames
from analysis.data.segments import ALL
from analysis.errors import AnalysisError
from analysis.estimate import Estimate
from analysis.plan import Result, compute, exploratory, planned
from analysis.prose import readings, wording
from analysis.published import Literature, compared
from analysis.summaries.demographics import Demographic, demographics
from analysis.summaries.dropout import reached
from analysis.summaries.gallery import Gallery, galleries
from analysis.words.choices import about_concepts, reduced


@dataclass(frozen=True)
class Summary:
    """One study in one mode.

    Arguments:
        before: the answers of everybody.
        frames: the answers after the declared exclusions; all results rest on them.
        exclusions: the declared rules, each with those whom it concerns.
        demographics: who took part, after exclusions.
        planned: the analyses of the study file, in its order.
        exploratory: all others.
        unfiltered: the overall shares before exclusions.
        reached: how many of those who consented came to each step, before exclusions.
        published: comparisons with the literature.
        galleries: concepts by how well people recognised them.
    """

    before: Frames
    frames: Frames
    exclusions: tuple[Exclusion, ...]
    demographics: tuple[Demographic, ...]
    planned: tuple[Result, ...]
    exploratory: tuple[Result, ...]
    unfiltered: Result
    published: tuple[Literature, ...]
    reached: tuple[Estimate, ...] = ()
    galleries: tuple[Gallery, ...] = ()

    @property
    def results(self) -> tuple[Result, ...]:
        """All results, the planned ones first."""
        return (*self.planned, *self.exploratory)

    @property
    def groupings(self) -> list[str | None]:
        """The declared segments, or None (everybody) where none is declared."""
        return [*self.frames.segments] or [None]

    def result(self, statistic: str, within: str | None, by: str = "option") -> Result | None:
        """The result of a request, planned or not; None if it was not made."""
        wanted = (statistic, by, within)
        return next((r for r in self.results if (r.statistic, r.by, r.within) == wanted), None)

    @property
    def preferences(self) -> bool:
        """Whether something other than concepts was asked about."""
        main = self.frames.main
        return main.empty or not about_concepts(main).all()

    @property
    def verb(self) -> str:
        """What a value of 1 says of an option: picked, right, preferred."""
        shares = next(iter(self.of("selection_share")), None)
        return wording.deed(shares.scale if shares else "")

    def of(self, statistic: str) -> tuple[Result, ...]:
        """All results of one statistic, planned or not."""
        return tuple(r for r in self.results if r.statistic == statistic)

    def leads(self, within: str | None = None) -> tuple[str, ...]:
        """Which option leads, for everybody and each group: one sentence each."""
        shares = self.result("selection_share", within)
        pairs = self.result("paired_difference", within)
        if shares is None or pairs is None or not shares.estimates:
            return ()
        labels = self.frames.labels(within)
        told = (wording.lead(shares.of(s), pairs.of(s), labels) for s in _segments(shares))
        return tuple(text.replace(" picked", f" {self.verb}") for text in told)

    def _first(self, statistics: Sequence[str]) -> list[str]:
        """What the first of these results says about everybody; nothing if there is none."""
        for result in (r for name in statistics for r in self.of(name) if r.estimates):
            return readings.reading(self.frames, result)[:1]
        return []

    @cached_property
    def findings(self) -> tuple[str, ...]:
        """The main results, one sentence each: who leads, for whom else, and what was published."""
        first = next(iter(self.frames.segments), None)
        leads = self.leads(first)
        found = list(leads[:1]) or self._first(("rating_distribution", *_WORTHS, "friedman"))
        interaction = self.result("interaction", first)
        if interaction and interaction.estimates:
            found.append(depends(interaction))
            shares = self.result("selection_share", first)
            if shares and _clear(interaction.estimates[0]):
                found += [
                    sentence
                    for sentence, segment in zip(leads, _segments(shares), strict=True)
                    if _top(shares.of(segment)) not in (None, _top(shares.of(ALL)))
                ]
        for result in (*self.of("choice_accuracy"), *self.of("word_agreement")):
            if result.by == "option" and result.within == first and result.estimates:
                found += readings.reading(self.frames, result)[:1]
        for entry in self.published:
            found += list(_beside(entry))
            if not entry.comparisons:
                continue
            count = Counter(c.verdict for c in entry.comparisons)
            told = [f"{count[v]} {word}" for v, word in _VERDICTS.items() if count[v]]
            found.append(f"Of {len(entry.comparisons)} published orderings, {', '.join(told)}.")
        return tuple(found)


def summarise(frames: Frames, level: float = 0.95) -> Summary:
    """Apply the exclusions, run the plan and the exploratory defaults, compare and conclude.

    Errors:
        AnalysisError: there is no answer to analyse, before or after the exclusions.
    """
    found = () if frames.main.empty else tuple(rules.find(frames))
    kept = rules.apply(frames, found)
    enough(frames, kept, found)
    kept = reduced(kept)
    plan, more = tuple(planned(kept, level)), tuple(exploratory(kept, level))
    literature = tuple(compared(kept, level))
    return Summary(
        frames,
        kept,
        found,
        tuple(demographics(kept, level)),
        plan,
        more,
        compute(frames, "selection_share", level=level),
        literature,
        reached(frames, level),
        galleries(kept, level),
    )


_WORTHS = ("plackett_luce", "bradley_terry")


def enough(before: Frames, after: Frames, found: Sequence[Exclusion]) -> None:
    """AnalysisError if there is no answer to analyse, before or after the exclusions."""
    where = f"study {before.study['id']}, mode {before.mode}"
    if before.main.empty:
        count = len(before.participants)
        raise AnalysisError(where, f"no answers yet from {wording.people(count)}", "wait for some")
    if after.main.empty:
        counts = ", ".join(f"{rule.description}: {len(rule.participants)}" for rule in found)
        fix = "wait until participants have finished, or change the rules under quality"
        raise AnalysisError(where, f"the exclusions leave no answers ({counts})", fix)


_VERDICTS = {
    Verdict.AGREES: "agree with these answers",
    Verdict.DIFFERS: "differ",
    Verdict.UNDECIDED: "stay undecided",
    Verdict.NOT_ASKED: "were not asked about",
}


def _beside(entry: Literature) -> Iterator[str]:
    known = Counter(one.verdict for one in entry.figures if one.estimate)
    if known:
        told = ", ".join(f"{count}: {verdict}" for verdict, count in known.items())
        yield f"Published by {entry.name.upper()} ({sum(known.values())} figures): {told}."


def _segments(result: Result) -> list[str]:
    return list(dict.fromkeys(e.segment for e in result.estimates))


def _top(shares: Sequence[Estimate]) -> str | None:
    known = [e for e in shares if not isnan(e.value) and e.participants > 1]
    return max(known, key=lambda e: e.value).item if known else None


def _clear(e: Estimate) -> bool:
    return e.p is not None and e.p <= 1 - e.level + 1e-12


def depends(result: Result) -> str:
    """One sentence about whether preferences depend on the groups of an ``interaction``."""
    e = result.estimates[0]
    if e.p is None or isnan(e.p):
        return f"Whether preferences depend on {result.within} cannot be tested: {e.note}."
    if _clear(e):
        return f"Preferences depend on {result.within} ({wording.probability(e.p)})."
    return (
        f"The answers do not show that preferences depend on {result.within} "
        f"({wording.probability(e.p)}): this stays open."
    )

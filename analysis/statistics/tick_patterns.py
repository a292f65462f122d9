"""Which options are ticked together: the share of questions for each combination, over people.

Quantity: the expected share of questions in which a person like these ticks exactly this set of
options and no other. Each participant counts once; cluster logit-t intervals as in
`selection_share`. Only answers to which all options were offered count: where less is offered,
less can be ticked together.

Source: combinations as in UpSet (Lex, Gehlenborg, Strobelt, Vuillemot & Pfister 2014, IEEE TVCG
20:1983); intervals: see `analysis.intervals.logit_t`.

Degenerate data: nobody in a segment, or no answer to which all options were offered, gives nan;
one person gives their shares without interval; participants who are all alike get Wilson's
interval on participants. Each says so in its note.
"""

from __future__ import annotations

import pandas as pd

from analysis.data.segments import groups, order
from analysis.estimate import Estimate
from analysis.intervals import logit_t
from analysis.statistics._results import Results
from db.scale import Scale

ACCEPTS = (Scale.SELECTION,)
COLUMNS = {
    "participant": "who answered",
    "trial": "which question of this participant",
    "option": "what was offered",
    "value": "1 ticked, 0 offered but not ticked",
}
RANGE = (0, 1)
SOURCE = "Korn & Graubard 1998, Survey Methodology 24:193; Lex et al. 2014, IEEE TVCG 20:1983"
TOGETHER = " + "
NONE = "(none)"


def members(item: str) -> list[str]:
    """The options of a combination.

    Example:
        >>> members("saliency + inversion"), members("(none)")
        (['saliency', 'inversion'], [])
    """
    return [] if item == NONE else item.split(TOGETHER)


def estimate(
    data: pd.DataFrame, *, by: str = "option", within: str | None = None, level: float = 0.95
) -> list[Estimate]:
    """Share of each combination that was ticked by anybody, for everybody and for each group.

    Arguments:
        data: ``participant``, ``trial``, ``by``, ``value`` (1 ticked, 0 offered but not ticked).
        by: column of the options.
        within: column of the groups, or None.
        level: coverage.

    Returns:
        ``pattern_share`` for each group and combination (``a + b``; ``(none)``), most frequent
        among everybody first; ``answers`` counts the questions answered so.

    Example:
        >>> frame = pd.DataFrame({"participant": [1, 1, 2, 2], "trial": [1, 1, 2, 2],
        ...                       "option": list("abab"), "value": [1, 1, 1, 0]})
        >>> [(e.item, e.value, e.answers) for e in estimate(frame)]
        [('a', 0.5, 1), ('a + b', 0.5, 1)]
    """
    options = order(data, by)
    answered = data.dropna(subset=["participant", "trial", by, "value"])
    code = answered[by].astype(str).map({name: 2**n for n, name in enumerate(options)})
    keys = [*dict.fromkeys(["participant", "trial", *([within] if within else [])])]
    bits = answered[keys].assign(code=code.astype(int) * (answered["value"] > 0), offered=1)
    trials = bits.groupby(["participant", "trial"], observed=True, sort=False).agg(
        {"code": "sum", "offered": "sum", **dict.fromkeys(keys[2:], "first")}
    )
    whole = trials[trials["offered"] == len(options)].reset_index()
    partial = len(trials) - len(whole)
    note = f"{partial} answers left out that did not offer every option" if partial else ""
    shares = pd.crosstab(whole["participant"], whole["code"], normalize="index")
    mean = shares.mean()
    codes = sorted(mean.index, key=lambda c: (-mean[c], _size(c), c))
    found = []
    for segment, part in groups(whole, within):
        here = shares[shares.index.isin(part["participant"])]
        n, counts = len(here), part["code"].value_counts()
        method = "mean of participant shares, cluster logit-t"
        give = Results(segment, level, n, len(part), method, SOURCE, note).give
        if not codes:
            found.append(give("pattern_share", float("nan"), NONE, note="no participants"))
        for code in codes:
            rates = here[code].to_numpy(float)
            value, low, high = (float(end) for end in logit_t(rates, level))
            why = "no participants" if n == 0 else "one participant: no interval" if n == 1 else ""
            if n > 1 and rates.min() == rates.max():
                why = "all participants have the same share"
            each = Results(segment, level, n, int(counts.get(code, 0)), method, SOURCE, note).give
            name = TOGETHER.join(o for k, o in enumerate(options) if code >> k & 1) or NONE
            found.append(each("pattern_share", value, name, low=low, high=high, note=why))
    return found


def _size(code: int) -> int:
    return bin(code).count("1")

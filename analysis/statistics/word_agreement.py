"""Do people find one word for a concept: shares of its most frequent and two most frequent words.

For concept j with n_j words, n_j(1) >= n_j(2) >= … counts of its groups of words (which words are
one: `analysis.words.grouping`):

    top one = mean over j of n_j(1) / n_j,   top two = mean over j of (n_j(1) + n_j(2)) / n_j

Interval: people and concepts are drawn again, each with replacement (pigeonhole bootstrap), and the
percentiles are moved by the mean of the resamples minus the estimate: the largest of several counts
grows by resampling alone. The interval is about the share that as many people as these would give;
with few people each word is more easily the most frequent one.

Source: Ghorbani et al. 2019 (ACE), section 4.1 (the shares); Owen 2007, Annals of Applied
Statistics 1:386 (resampling people and items).

Degenerate data: no words give nan with a note; concepts that one person named are left out, since
one word always agrees with itself. Where all agree, Wilson's interval on the smaller number of
people and of concepts is given.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.data.segments import groups, order
from analysis.estimate import Estimate
from analysis.intervals import wilson
from analysis.statistics._results import Results
from analysis.words.choices import ENGLISH, named
from db.scale import Scale

ACCEPTS = (Scale.WORD, Scale.CORRECTNESS)
COLUMNS = {
    "participant": "who wrote it",
    "concept": "what it is about",
    "text": "one word",
}
OPTIONAL = {
    "word": "the group of the word; formed by spelling, lemma and WordNet where it is missing",
    "language": "the language of the word, such as en; WordNet is asked about English alone",
    "value": "1 the concept was recognised; words about what was chosen in its place do not count",
}
SOURCE = "Ghorbani et al. 2019 (ACE), section 4.1; Owen 2007, Ann. Appl. Stat. 1:386"
QUANTITIES = ("top_word_share", "top_two_words_share")
_CHUNK = 2_000_000  # numbers held at a time

Floats = NDArray[np.float64]


def estimate(
    data: pd.DataFrame,
    *,
    by: str | None = None,
    within: str | None = None,
    level: float = 0.95,
    resamples: int = 2000,
    seed: int = 0,
) -> list[Estimate]:
    """Both shares for everybody and for each group.

    Arguments:
        data: see `COLUMNS`; a row for each word.
        by: column of what is looked at separately, such as ``concept``, or None.
        within: column of the groups of people, or None.
        level: coverage.
        resamples: of people and concepts.
        seed: of the resamples.

    Returns:
        ``top_word_share`` and ``top_two_words_share`` for each group and each value of ``by``;
        the note names the words where there is one concept.

    Example:
        >>> frame = pd.DataFrame({"participant": [1, 2, 3], "concept": "c",
        ...                       "text": ["Eyes", "eye", "nose"]})
        >>> [round(e.value, 3) for e in estimate(frame, resamples=10)]
        [0.667, 1.0]
    """
    whole = _words(data)
    return [
        e
        for segment, part in groups(whole, within)
        for name in (order(whole, by) if by else [""])
        for e in _one(
            part if by is None else part[part[by].astype(str) == name],
            name,
            segment,
            level,
            resamples,
            seed,
        )
    ]


def _words(data: pd.DataFrame) -> pd.DataFrame:
    """The rows with a word, and the name of its group."""
    table = data
    if "value" in table:  # numbers or texts of numbers; empty: nothing was to be recognised
        table = table[~pd.to_numeric(table["value"]).eq(0)]
    if "word" not in table:
        language = table.get("language", pd.Series(ENGLISH, index=table.index))
        english = language.fillna(ENGLISH).astype(str).str.split("-").str[0].str.lower() == ENGLISH
        table = table.assign(word=named(table["text"], english, {}))
    return table.dropna(subset=["participant", "concept", "word"])


def _one(
    rows: pd.DataFrame, name: str, segment: str, level: float, resamples: int, seed: int
) -> list[Estimate]:
    named_by = rows.groupby("concept", observed=True)["participant"].transform("nunique")
    kept = rows[named_by > 1]
    people, concepts = kept["participant"].nunique(), kept["concept"].nunique()
    method = "mean over concepts, people and concepts resampled"
    give = Results(segment, level, people, len(kept), method, SOURCE).give
    lost = rows["concept"].nunique() - concepts
    notes = [f"{lost} concepts left out that one person named" if lost else ""]
    if not len(kept):
        why = notes[0] or "no words"
        return [give(quantity, np.nan, name, note=why) for quantity in QUANTITIES]
    person, who = pd.factorize(kept["participant"])
    concept, what = pd.factorize(kept["concept"])
    word, _ = pd.factorize(kept["word"])
    table = np.zeros((len(what), word.max() + 1, len(who)))
    np.add.at(table, (concept, word, person), 1.0)
    used = table.any(axis=2)
    # Words differ between concepts: each concept keeps its own, in as many places as any needs.
    wide = int(used.sum(axis=1).max())
    kept_words = np.argsort(~used, axis=1, kind="stable")[:, :wide]
    table = np.take_along_axis(table, kept_words[:, :, None], axis=1)
    shares = _tops(table.sum(axis=2)[None])[0].mean(axis=0)
    drawn = _resampled(table, resamples, seed)
    if concepts == 1:
        often = kept["word"].value_counts()
        notes.append(", ".join(f"{text} ({count})" for text, count in often.head(2).items()))
    found = []
    for n, quantity in enumerate(QUANTITIES):
        value = float(shares[n])
        said = list(notes)
        if value == 1:
            few = people if concepts == 1 else min(people, concepts)
            ends = [float(end) for end in wilson(few, few, level)]
            said.append(f"all agree: interval as of {few} independent answers")
        else:
            tail = (1 - level) / 2
            bias = float(drawn[:, n].mean()) - value
            low, high = np.quantile(drawn[:, n], [tail, 1 - tail]) - bias
            ends = [max(float(low), 0.0), min(float(high), 1.0)]
        note = "; ".join(text for text in said if text)
        found.append(give(quantity, value, name, low=ends[0], high=ends[1], note=note))
    return found


def _tops(counts: Floats) -> Floats:
    """[..., concepts, words] counts -> [..., concepts, 2] shares; nan without words."""
    ranked = np.sort(counts, axis=-1)[..., ::-1]
    total = counts.sum(axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.stack([ranked[..., :k].sum(axis=-1) / total for k in (1, 2)], axis=-1)


def _resampled(table: Floats, resamples: int, seed: int) -> Floats:
    """Both shares in each resample: [R, 2]."""
    concepts, words, people = table.shape
    rng = np.random.default_rng(seed)
    flat = table.reshape(concepts * words, people)
    step = max(1, _CHUNK // max(flat.shape[0], people))
    found = []
    for start in range(0, resamples, step):
        size = min(step, resamples - start)
        who = rng.multinomial(people, np.full(people, 1 / people), size=size).astype(float)
        counts = (who @ flat.T).reshape(size, concepts, words)
        which = rng.multinomial(concepts, np.full(concepts, 1 / concepts), size=size).astype(float)
        shares = _tops(counts)
        weight = which[..., None] * ~np.isnan(shares)
        total = weight.sum(axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            found.append((weight * np.nan_to_num(shares)).sum(axis=1) / total)
    whole = np.concatenate(found)
    return whole[~np.isnan(whole).any(axis=1)]

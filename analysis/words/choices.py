"""Answers about concepts, one row each: right or wrong, among how many, and in which word."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from analysis.data.frames import Frames
from analysis.words import grouping
from db.scale import Scale

CHOSEN = "chosen"
"""A column that only the rows of `choices` have: the option that was chosen."""
ENGLISH = "en"
# A row is about the whole answer, whatever was offered: what is right is asked by kind of question.
_PER_OPTION = ("option", "option_position", "value", "text", "sha256")


def about_concepts(rows: pd.DataFrame) -> pd.Series[bool]:
    """Which rows are about a concept, not about a prediction."""
    if "concept" not in rows:
        return pd.Series(False, index=rows.index)
    return rows["concept"].notna() & (rows["concept"].astype(object) != "")


def choices(rows: pd.DataFrame, corrections: dict[str, str], language: str) -> pd.DataFrame:
    """One row for each answer about a concept.

    Arguments:
        rows: one for each offered option, as in `analysis.data.frames.Frames`, about concepts only.
        corrections: word -> group, by the researcher.
        language: of the study; a column ``language`` of the rows goes before it.

    Returns:
        the columns of the rows; ``option`` is the trial type, ``value`` 1 right or 0 wrong,
        ``scale`` correctness (or word), ``chosen`` the chosen option, ``chance`` the share that is
        right by guessing (1 / number of options), ``text`` the word that was written, ``word`` the
        name of its group, ``english`` whether WordNet was asked.

    Example:
        >>> rows = pd.DataFrame({
        ...     "trial": [1, 1], "type": "coherency", "concept": "ace-1", "scale": "selection",
        ...     "correct": True, "option": ["concept", "random"], "option_position": [1, 2],
        ...     "value": [1.0, 0.0], "text": ["Eyes", None]})
        >>> choices(rows, {}, "en")[["option", "value", "chosen", "chance", "word"]].values.tolist()
        [['coherency', 1.0, 'concept', 0.5, 'eye']]
    """
    first = rows.drop_duplicates("trial").set_index("trial")
    by = rows["trial"]
    table = first.drop(columns=[name for name in _PER_OPTION if name in first])
    table["option"] = table["type"].astype(object)
    right = table["correct"].map({True: 1.0, False: 0.0}).astype(float)
    table["value"] = right
    table["scale"] = table["scale"].astype(object).where(right.isna(), str(Scale.CORRECTNESS))
    if "chosen_option" in table:  # told, where rows do not say what else was offered
        table[CHOSEN] = table["chosen_option"]
    picked = rows[rows["value"] == 1].drop_duplicates("trial").set_index("trial")["option"]
    if CHOSEN not in table:
        table[CHOSEN] = picked.astype(object)
    if "chance" not in table:
        table["chance"] = (1 / by.groupby(by).size()).where(right.notna())
    written = rows[rows["text"].notna()].drop_duplicates("trial").set_index("trial")["text"]
    table["text"] = written.astype(object)
    table["english"] = _english(table, language)
    table["word"] = named(table["text"], table["english"], corrections)
    return table.reset_index()


def _english(table: pd.DataFrame, language: str) -> pd.Series[bool]:
    known = table["language"] if "language" in table else pd.Series(language, index=table.index)
    tags = known.astype(object).where(known.notna(), language)
    return tags.astype(str).str.split("-").str[0].str.lower() == ENGLISH


def named(
    texts: pd.Series[str], english: pd.Series[bool], corrections: dict[str, str]
) -> pd.Series[str]:
    """The name of the group of each word; None where nothing was written."""
    there = texts.notna()
    words = list(zip(texts[there].astype(str), english[there], strict=True))
    groups = grouping.assigned(words, corrections)
    names = [groups.get((grouping.spelling(text), flag)) for text, flag in words]
    return pd.Series(names, index=texts.index[there], dtype=object).reindex(texts.index)


def reduced(frames: Frames) -> Frames:
    """The same study with one row for each answer about a concept; others stay as they are.

    Practice and attention trials about concepts are left out: what rests on them has been found
    before (`analysis.data.exclusions`).
    """
    if frames.collapsed or CHOSEN in frames.responses:
        return frames
    rows = frames.responses
    concepts = about_concepts(rows)
    if not concepts.any():
        return frames
    language = str(frames.study.get("language") or ENGLISH)
    mine = rows[concepts & (rows["role"] == "main")]
    table = choices(mine, dict(frames.corrections), language)
    others = rows[~concepts]
    if len(others):
        table = pd.concat([others, table], ignore_index=True)
    options = [name for name in rows["option"].cat.categories if (others["option"] == name).any()]
    kinds = list(dict.fromkeys(mine["type"].astype(str)))
    table["option"] = pd.Categorical(table["option"], [*options, *kinds])
    for name in rows.columns:  # joining rows turns categories into plain values
        if name != "option" and isinstance(rows[name].dtype, pd.CategoricalDtype):
            table[name] = pd.Categorical(
                table[name], rows[name].cat.categories, ordered=rows[name].cat.ordered
            )
    return replace(frames, responses=table)


def concepts_of(frames: Frames) -> Frames:
    """The answers about concepts alone, one row each."""
    whole = reduced(frames)
    return replace(whole, responses=whole.responses[about_concepts(whole.responses)])


def predictions_of(frames: Frames) -> Frames:
    """The answers about predictions alone."""
    return replace(frames, responses=frames.responses[~about_concepts(frames.responses)])

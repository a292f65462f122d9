"""The words that name a single question: its network, its face or concept, its class."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

_NOTHING = ("", "nan", "None")


def item_names(rows: pd.DataFrame, words: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Each item with its name.

    Arguments:
        rows: answers with item, model, face, target, concept.
        words: plain words for the networks.

    Example:
        >>> row = {"item": "i", "model": "age", "face": "f01", "target": "in_40s", "concept": ""}
        >>> list(item_names(pd.DataFrame([row]), {"age": "Age"}))
        [('i', 'Age, f01 (in 40s)')]
    """
    names = ["item", "model", "face", "target", "concept"]
    known = rows.drop_duplicates("item")[names].astype(str)
    for item, model, face, target, concept in known.itertuples(index=False):
        of = "" if target in _NOTHING else f" ({target.replace('_', ' ')})"
        yield item, f"{words.get(model, model)}, {concept or face}{of}"

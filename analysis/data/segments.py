"""Groups of participants in their declared order, and the words that name them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

ALL = "all"
CROSS = " x "
"""Between the two questions of a crossing, and between the choices that name its groups."""


def order(data: pd.DataFrame, column: str) -> list[str]:
    """The values of a column in the order in which they are shown.

    A categorical column keeps its declared order, also for values that nobody has (an expertise
    group without participants is a result and is shown as one). Numbers ascend. Otherwise: by
    first appearance.

    Example:
        >>> order(pd.DataFrame({"option": ["b", "a", "b"]}), "option")
        ['b', 'a']
    """
    values = data[column]
    if isinstance(values.dtype, pd.CategoricalDtype):
        return [str(value) for value in values.cat.categories]
    seen = list(values.dropna().unique())
    numbers = pd.api.types.is_numeric_dtype(values.dtype)
    return [str(value) for value in (sorted(seen) if numbers else seen)]


def groups(data: pd.DataFrame, within: str | None) -> Iterator[tuple[str, pd.DataFrame]]:
    """Everybody first (segment ``all``), then each group of ``within`` in its order.

    Rows without a value in ``within`` (the participant did not say) count for everybody only.

    Example:
        >>> frame = pd.DataFrame({"expertise": ["never", "user"], "value": [1, 0]})
        >>> [(name, len(part)) for name, part in groups(frame, "expertise")]
        [('all', 2), ('never', 1), ('user', 1)]
    """
    yield ALL, data
    if within is not None:
        for name in order(data, within):
            yield name, data[data[within] == name]


def columns(study: Mapping[str, Any]) -> dict[str, tuple[str, dict[str, str]]]:
    """What the study asks or declares about its participants.

    Returns:
        for each background question, the language where there are several, and each declared
        segment, under the name of its column: the title and the labels, whose order is the
        declared one.

    Example:
        >>> columns({"background": [{"id": "job", "ask": "Your job?", "choices": {"a": "Art"}}]})
        {'job': ('Your job?', {'a': 'Art'})}
    """
    asked = {q["id"]: (q["ask"], dict(q["choices"])) for q in study.get("background") or []}
    if languages := study.get("languages"):
        asked["language"] = "Language", {code: code for code in languages}
    if arms := study.get("arms"):
        asked["arm"] = "Arm", {name: name for name in arms}
    declared = {}
    for name, segment in (study.get("segments") or {}).items():
        title, choices = asked.get(segment["from"], (name, {}))
        names = segment.get("order") or list(choices)
        words = {**choices, **(segment.get("labels") or {})}
        declared[name] = (title, {key: str(words.get(key, key)) for key in names})
    return {**asked, **declared}


def labels(study: Mapping[str, Any], within: str | None = None) -> dict[str, str]:
    """Plain words for the names that estimates carry: options, models, and the groups ``within``.

    Arguments:
        study: the study file.
        within: the column of the groups; two questions may use one word for different choices.

    Example:
        >>> labels({"models": {"age": {}}, "stimuli": {"saliency": {}}})["saliency"]
        'Saliency'
        >>> labels({"blocks": [{"statements": {"trust": "I would trust it."}}]})["trust"]
        'I would trust it.'
    """
    words = {ALL: "Everybody"}
    for entry in (study.get("models") or {}, study.get("stimuli") or {}):
        words.update({name: str(name).replace("_", " ").capitalize() for name in entry})
    for block in study.get("blocks") or ():  # statements are rated in place of explanations
        words.update(block.get("statements") or {})
    if within is not None:
        known = columns(study)
        parts = [known.get(name, ("", {}))[1] for name in within.split(CROSS)]
        words.update(parts[0])
        if len(parts) == 2:
            words.update(
                {
                    f"{first}{CROSS}{second}": f"{one}; {other}"
                    for first, one in parts[0].items()
                    for second, other in parts[1].items()
                }
            )
    return words


def crossed(first: pd.Series[Any], second: pd.Series[Any]) -> Any:
    """The groups of two categorical columns together, the first one's order first.

    Example:
        >>> a = pd.Series(pd.Categorical(["no", "yes", None], ["no", "yes"]))
        >>> b = pd.Series(pd.Categorical(["old", "young", "old"], ["young", "old"]))
        >>> list(crossed(a, b)), list(crossed(a, b).categories)
        (['no x old', 'yes x young', nan], ['no x young', 'no x old', 'yes x young', 'yes x old'])
    """
    names = [f"{a}{CROSS}{b}" for a in first.cat.categories for b in second.cat.categories]
    codes = first.cat.codes.to_numpy(int) * len(second.cat.categories)
    codes = codes + second.cat.codes.to_numpy(int)
    unknown = first.isna().to_numpy() | second.isna().to_numpy()
    codes[unknown] = -1
    return pd.Categorical.from_codes(codes, pd.Index(names), ordered=True)

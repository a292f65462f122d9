"""What keeps a statistic from being computed on a table: all of it, in plain words."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

import numpy as np
import pandas as pd

from analysis.data.segments import order

_SHOWN = 5  # rows named of each kind of mistake
_NUMBERS = ("value", "rt_ms", "x", "count", "option_position")


def parameters(module: Any) -> Mapping[str, inspect.Parameter]:
    """The options of a statistic, without its data."""
    return {
        name: parameter
        for name, parameter in inspect.signature(module.estimate).parameters.items()
        if name != "data"
    }


def problems(
    module: Any,
    data: pd.DataFrame,
    by: str | None,
    within: str | None,
    level: float,
    options: Mapping[str, Any],
) -> Iterator[tuple[str, str]]:
    """What is wrong and how to mend it; arguments as for `analysis.statistics.run`."""
    known = parameters(module)
    for name in sorted(set(options) - set(known)):
        yield f"has no option '{name}'", f"it knows: {', '.join(sorted(known))}"
    for name, parameter in known.items():
        if parameter.default is parameter.empty and name not in {"within", *options}:
            yield f"needs the option '{name}'", f"give it: --{name}=VALUE"
    if not 0 < level < 1:
        yield f"level is {level}", "give the coverage of the intervals, such as .95"
    if within is None and "within" in known and known["within"].default is inspect.Parameter.empty:
        yield (
            "compares groups, but none is named",
            "name the column of the groups: within: expertise",
        )
    needed = dict(module.COLUMNS)
    usual = known["by"].default if "by" in known else None
    if "by" in known and by and by != usual:
        needed = {by if name == usual else name: text for name, text in needed.items()}
        needed.setdefault(by, "what results are separated by")
    if within:
        needed[within] = "the groups"
    for name, text in needed.items():
        if name not in data:
            near = get_close_matches(name, map(str, data.columns), n=1, cutoff=0.6)
            there = f"use one of: {', '.join(map(str, data.columns))}"
            yield (
                f"needs the column '{name}' ({text})",
                f"did you mean '{near[0]}'?" if near else there,
            )
    if usual and (by or usual) in data and not order(data, by or usual):
        yield f"column '{by or usual}' is empty: there are no answers", "give a table with answers"
    if "scale" in data:
        foreign = sorted(
            set(map(str, data["scale"].dropna().unique())) - set(map(str, module.ACCEPTS))
        )
        if foreign:
            fix = f"it understands: {', '.join(map(str, module.ACCEPTS))}"
            yield f"cannot use scale '{foreign[0]}'", fix
    yield from _values(module, data)


def _values(module: Any, data: pd.DataFrame) -> Iterator[tuple[str, str]]:
    for name in _numeric(module, data):
        numbers = pd.to_numeric(data[name], errors="coerce")
        strange = (numbers.isna() & data[name].notna()) | np.isinf(numbers.astype(float))
        if strange.any():
            text = f"column '{name}' holds what is no number: {_rows(data[name][strange])}"
            yield text, "write numbers with a decimal point; leave the cell empty where none is"
        least, most = getattr(module, "RANGE", (-np.inf, np.inf))
        outside = (numbers < least) | (numbers > most)
        if name == "value" and outside.any() and not strange.any():
            text = f"column 'value' holds what is not in {least} .. {most}"
            yield f"{text}: {_rows(data[name][outside])}", "see what the column must hold"


def _rows(values: pd.Series[Any]) -> str:
    named = ", ".join(f"{value!r} in row {row}" for row, value in values.head(_SHOWN).items())
    rest = len(values) - _SHOWN
    return f"{named} and {rest} more" if rest > 0 else named


def _numeric(module: Any, data: pd.DataFrame) -> list[str]:
    used = {**module.COLUMNS, **getattr(module, "OPTIONAL", {})}
    names = set(getattr(module, "CATEGORIES", ()))
    return [c for c in _NUMBERS if c in used and c in data and c not in names]


def prepared(module: Any, data: pd.DataFrame, by: str | None, within: str | None) -> pd.DataFrame:
    """The table in one form (`problems` found nothing).

    Numbers where texts stood for numbers; options and groups as categories named by texts, so
    that a group in which an option never occurs still knows of it.
    """
    texts = [c for c in _numeric(module, data) if not pd.api.types.is_numeric_dtype(data[c])]
    changed: dict[str, Any] = {c: pd.to_numeric(data[c]).astype(float) for c in texts}
    usual = parameters(module).get("by")
    for name in {by or (usual.default if usual else None), within} - {None}:
        if name in data and name not in changed:
            changed[str(name)] = _categories(data, str(name))
    return data.assign(**changed)


def _categories(data: pd.DataFrame, column: str) -> Any:
    known = data[column]
    if isinstance(known.dtype, pd.CategoricalDtype):
        return known.cat.rename_categories(order(data, column)).cat.as_ordered()
    texts = known.astype(object).map(str, na_action="ignore")
    return pd.Categorical(texts, order(data, column), ordered=True)

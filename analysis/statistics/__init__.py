"""The statistics: each file in this folder is one, found by its name.

A statistic's file holds

- a docstring, whose first line describes it,
- ``ACCEPTS``: the scales (`db.scale.Scale`) whose values it understands,
- ``estimate(data, **options) -> list[Estimate]``, where ``data`` is a tidy frame with one row for
  each offered option of each answer: ``participant``, the column named by ``by`` (such as
  ``option``), ``value``, and what else its docstring names.

Files that begin with ``_`` are helpers. Listing imports nothing heavy.
"""

from __future__ import annotations

import ast
import inspect
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.errors import AnalysisError
from analysis.estimate import Estimate

if TYPE_CHECKING:
    import pandas as pd

_FOLDER = Path(__file__).parent


def names() -> list[str]:
    """The names of all statistics, sorted.

    Example:
        >>> "selection_share" in names()
        True
    """
    return sorted(path.stem for path in _FOLDER.glob("[a-z]*.py"))


def describe(name: str) -> str:
    """The first line of a statistic's docstring, read without importing it.

    Example:
        >>> describe("selection_share")
        'How often an option is picked: mean of participant rates, cluster logit-t interval.'
    """
    text = _path(name).read_text(encoding="utf-8")
    return (ast.get_docstring(ast.parse(text)) or "").partition("\n")[0]


def run(
    name: str,
    data: pd.DataFrame,
    *,
    by: str = "option",
    within: str | None = None,
    level: float = 0.95,
    **options: Any,
) -> list[Estimate]:
    """Check the data and compute a statistic.

    Arguments:
        name: the statistic, see `names`.
        data: tidy frame, see the module.
        by: column of what is compared.
        within: column of the groups of participants (or of items) to look at separately.
        level: coverage of the intervals.
        options: further options of this statistic, such as ``seed``.

    Errors:
        AnalysisError: unknown statistic, a column that is not there, a scale it cannot use.
    """
    _path(name)
    module = import_module(f"{__name__}.{name}")
    given = {"by": by, "within": within, "level": level, **options}
    known = set(inspect.signature(module.estimate).parameters)
    unknown = sorted(set(options) - known)
    if unknown:
        fix = f"it knows: {', '.join(sorted(known - {'data'}))}"
        raise AnalysisError(f"statistic '{name}'", f"has no option '{unknown[0]}'", fix)
    if within is None and "within" in known and _required(module.estimate, "within"):
        fix = "name the column of the groups: within: expertise"
        raise AnalysisError(f"statistic '{name}'", "compares groups, but none is named", fix)
    needed = {"participant", "value", by, within or by, *getattr(module, "COLUMNS", ())}
    missing = sorted(needed - set(data.columns))
    if missing:
        fix = f"use one of: {', '.join(map(str, data.columns))}"
        raise AnalysisError(f"statistic '{name}'", f"needs the column '{missing[0]}'", fix)
    if "scale" in data:
        foreign = sorted(set(data["scale"].dropna().astype(str)) - {str(s) for s in module.ACCEPTS})
        if foreign:
            fix = f"it understands: {', '.join(map(str, module.ACCEPTS))}"
            raise AnalysisError(f"statistic '{name}'", f"cannot use scale '{foreign[0]}'", fix)
    estimates: list[Estimate] = module.estimate(
        data, **{key: value for key, value in given.items() if key in known}
    )
    return estimates


def _required(function: Any, parameter: str) -> bool:
    return inspect.signature(function).parameters[parameter].default is inspect.Parameter.empty


def _path(name: str) -> Path:
    if name not in names():
        near = get_close_matches(name, names(), n=1, cutoff=0.5)
        fix = f"did you mean '{near[0]}'?" if near else f"known names: {', '.join(names())}"
        raise AnalysisError(f"statistic '{name}'", "is not known", fix)
    return _FOLDER / f"{name}.py"

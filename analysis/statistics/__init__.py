"""The statistics: each file in this folder is one, found by its name.

A statistic's file holds

- a docstring, whose first line describes it,
- ``ACCEPTS``: the scales (`db.scale.Scale`) whose values it understands; data without a column
  ``scale`` (a CSV from anywhere) are taken as they are,
- ``COLUMNS``: column -> documentation, every column that it needs; the column named by ``by``
  stands under the default of ``by`` (such as ``option``),
- ``OPTIONAL`` (may be absent): column -> documentation, what it uses where it is there,
- ``CATEGORIES`` (may be absent): columns that hold names; other ``value``s must be numbers,
- ``RANGE`` (may be absent): the least and the greatest ``value`` that makes sense,
- ``estimate(data, **options) -> list[Estimate]``, where ``data`` is a tidy frame with one row for
  each offered option of each answer, or for whatever ``COLUMNS`` says.

Files that begin with ``_`` are helpers. Listing imports nothing heavy.
"""

from __future__ import annotations

import ast
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.errors import AnalysisError
from analysis.estimate import Estimate
from analysis.statistics import _check

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


def columns(name: str, *, optional: bool = False) -> dict[str, str]:
    """The columns that a statistic needs, with their documentation.

    Arguments:
        name: the statistic.
        optional: those that it uses where they are there, instead.

    Example:
        >>> list(columns("selection_share"))
        ['participant', 'option', 'value']
    """
    module = _module(name)
    return dict(getattr(module, "OPTIONAL", {}) if optional else module.COLUMNS)


def accepts(name: str) -> tuple[str, ...]:
    """The scales whose values a statistic understands.

    Example:
        >>> accepts("plackett_luce")
        ('ranking',)
    """
    return tuple(str(scale) for scale in _module(name).ACCEPTS)


def options(name: str) -> dict[str, Any]:
    """The options of a statistic with their defaults; a required one has the default ``...``.

    Example:
        >>> options("clustered_mcnemar")["test"]
        'durkalski'
    """
    return {
        key: ... if parameter.default is parameter.empty else parameter.default
        for key, parameter in _check.parameters(_module(name)).items()
    }


def problems(
    name: str,
    data: pd.DataFrame,
    *,
    by: str | None = None,
    within: str | None = None,
    level: float = 0.95,
    **options: Any,
) -> list[AnalysisError]:
    """All that keeps a statistic from being computed; empty if nothing does.

    Arguments: as for `run`.

    Errors:
        AnalysisError: unknown statistic; nothing else can be checked then.
    """
    module = _module(name)
    return [
        AnalysisError(f"statistic '{name}'", what, fix)
        for what, fix in _check.problems(module, data, by, within, level, options)
    ]


def run(
    name: str,
    data: pd.DataFrame,
    *,
    by: str | None = None,
    within: str | None = None,
    level: float = 0.95,
    **options: Any,
) -> list[Estimate]:
    """Check the data and compute a statistic.

    Arguments:
        name: the statistic, see `names`.
        data: tidy frame, see `columns`.
        by: column of what is compared; the statistic's own default (mostly ``option``) if None.
        within: column of the groups of participants (or of items) to look at separately.
        level: coverage of the intervals.
        options: further options of this statistic, such as ``seed``.

    Errors:
        AnalysisError: unknown statistic, a column that is not there, a scale it cannot use, values
            that are not numbers; the first of `problems`.

    Example:
        >>> import pandas as pd
        >>> frame = pd.DataFrame({"participant": [1, 2, 3], "option": "map", "value": [1, 0, 1]})
        >>> round(run("selection_share", frame)[0].value, 3)
        0.667
    """
    found = problems(name, data, by=by, within=within, level=level, **options)
    if found:
        raise found[0]
    module = _module(name)
    given = {"within": within, "level": level, **({"by": by} if by else {}), **options}
    known = _check.parameters(module)
    estimates: list[Estimate] = module.estimate(
        _check.prepared(module, data, by, within),
        **{key: value for key, value in given.items() if key in known},
    )
    return estimates


def _module(name: str) -> Any:
    _path(name)
    return import_module(f"{__name__}.{name}")


def _path(name: str) -> Path:
    if name not in names():
        near = get_close_matches(name, names(), n=1, cutoff=0.5)
        fix = f"did you mean '{near[0]}'?" if near else f"known names: {', '.join(names())}"
        raise AnalysisError(f"statistic '{name}'", "is not known", fix)
    return _FOLDER / f"{name}.py"

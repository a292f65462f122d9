"""Reading a tidy CSV from anywhere; a row is called by its line in the file."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from analysis.errors import AnalysisError

_MISSING = ("", "NA", "NaN", "nan", "null")


def read(path: Path) -> pd.DataFrame:
    """A table of texts whose index is the line in the file (the header is line 1).

    Rows that do not count are left out where a column says so: with a column ``role`` only
    ``main`` stays (practice and attention trials are no answers). Empty cells and ``NA`` are
    missing. Statistics turn the texts into numbers where they need numbers.

    Arguments:
        path: comma separated, UTF-8, first line the column names.

    Returns:
        the table, index named ``row``.

    Errors:
        AnalysisError: no such file, not a table, no rows, a column named twice, several modes
            (live and simulated answers are never mixed).
    """
    try:
        with path.open(encoding="utf-8-sig") as file:
            head = file.readline()
        mark = next((m for m in ";\t" if m in head and "," not in head), "")
        if mark:
            told = "semicolons" if mark == ";" else "tabs"
            fix = "save it with commas between cells and a point in decimal numbers"
            raise AnalysisError(str(path), f"is separated by {told}", fix)
        table = pd.read_csv(
            path,
            dtype=str,
            keep_default_na=False,
            na_values=list(_MISSING),
            encoding="utf-8-sig",
            skipinitialspace=True,
            skip_blank_lines=False,
            header=None,
        )
    except FileNotFoundError:
        raise AnalysisError(str(path), "there is no such file", "check the path") from None
    except (OSError, UnicodeDecodeError) as error:
        fix = "save the table as CSV in UTF-8"
        raise AnalysisError(str(path), f"cannot be read: {error}", fix) from None
    except pd.errors.EmptyDataError:
        fix = "give a table with column names in the first line"
        raise AnalysisError(str(path), "is empty", fix) from None
    except pd.errors.ParserError as error:
        fix = "give each line as many cells as there are column names"
        what = str(error).removeprefix("Error tokenizing data. C error: ").strip()
        raise AnalysisError(str(path), f"is no table: {what}", fix) from None
    names = [str(name).strip() for name in table.iloc[0]]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        fix = "give each column a name of its own"
        raise AnalysisError(str(path), f"two columns are named '{twice[0]}'", fix)
    table.columns = names
    table.index = pd.RangeIndex(1, len(table) + 1, name="row")
    table = table.iloc[1:].dropna(how="all")
    if "role" in table:
        table = table[table["role"].isna() | (table["role"] == "main")]
    modes = sorted(table["mode"].dropna().unique()) if "mode" in table else []
    if len(modes) > 1:
        fix = "keep the rows of one mode; live and simulated answers are never mixed"
        raise AnalysisError(str(path), f"mixes the modes {', '.join(modes)}", fix)
    if table.empty:
        raise AnalysisError(str(path), "holds no rows below its column names", "add the answers")
    return table


def ordered(table: pd.DataFrame, column: str | None, order: str | None = None) -> pd.DataFrame:
    """The table with its groups in an order that means something.

    Arguments:
        table: from `read`.
        column: the column of the groups, or None.
        order: the groups from first to last, separated by commas; if None, numbers are sorted
            and names stay as they first appear.

    Errors:
        AnalysisError: ``order`` without a column, or a group in the data that it does not name.

    Example:
        >>> ordered(pd.DataFrame({"age": ["10", "9"]}), "age")["age"].cat.categories.tolist()
        ['9', '10']
    """
    if column is None:
        if order:
            raise AnalysisError("--order", "orders no column", "name it: --within COLUMN")
        return table
    there = [str(value) for value in table[column].dropna().unique()]
    if order:
        named = [name.strip() for name in order.split(",")]
        lost = [name for name in there if name not in named]
        if lost or len(set(named)) < len(named):
            what = f"does not name '{lost[0]}'" if lost else "names a group twice"
            raise AnalysisError(f"--order {order}", what, f"order all of: {', '.join(there)}")
    else:
        numbers = pd.to_numeric(pd.Series(there, dtype=object), errors="coerce")
        named = there
        if not numbers.isna().any():
            named = [there[n] for n in numbers.argsort(kind="stable")]
    return table.assign(**{column: pd.Categorical(table[column], named, ordered=True)})

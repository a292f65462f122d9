"""Why an analysis cannot be made, said so that the researcher can act on it."""

from __future__ import annotations


class AnalysisError(ValueError):
    """The data or the request do not allow the analysis.

    Arguments:
        where: the database, column or file.
        what: what is wrong, in plain words.
        fix: what to do about it.

    Example:
        >>> print(AnalysisError("column 'colour'", "is not in the data", "use one of: option"))
        column 'colour'
          is not in the data
          fix: use one of: option
    """

    def __init__(self, where: str, what: str, fix: str = "") -> None:
        self.where, self.what, self.fix = where, what, fix
        super().__init__(f"{where}\n  {what}" + (f"\n  fix: {fix}" if fix else ""))

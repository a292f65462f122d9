"""What goes wrong between whyface and its database, said so that the user can mend it."""

from __future__ import annotations


class StoreError(ValueError):
    """The database cannot be opened or used as asked.

    Arguments:
        where: the database (without password) or the record.
        what: what is wrong.
        fix: what to do about it.

    Example:
        >>> print(StoreError("sqlite:///x.db", "is not a whyface database", "choose another file"))
        sqlite:///x.db
          is not a whyface database
          fix: choose another file
    """

    def __init__(self, where: str, what: str, fix: str = "") -> None:
        self.where, self.what, self.fix = where, what, fix
        super().__init__(f"{where}\n  {what}" + (f"\n  fix: {fix}" if fix else ""))


class ClosedError(StoreError):
    """The study takes nobody now: it is closed, or takes a pause."""


class NoPlaceError(StoreError):
    """As many take part, or have finished, as were wanted."""


class TakesPartError(StoreError):
    """This person takes part already, and did not show that it is them."""

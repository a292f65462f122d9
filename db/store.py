"""The only door to the study database: plain Python values in and out."""

from __future__ import annotations

from db.aggregates import Aggregates
from db.answers import Answers
from db.assignments import Assignments
from db.checks import Checks
from db.deletion import Deletion
from db.people import People
from db.places import Places
from db.reading import Reading
from db.settings import Settings
from db.standing import Standing
from db.versions import Versions
from db.words import Words


class Store(
    Versions,
    Assignments,
    People,
    Places,
    Checks,
    Answers,
    Deletion,
    Reading,
    Aggregates,
    Standing,
    Words,
    Settings,
):
    """An open study database; make one for each process and keep it.

    What it can do is written in the files of its parts: `db.versions` (frozen studies),
    `db.assignments` (participants and their trials), `db.people` (panels' ids), `db.places` (how
    many are wanted), `db.checks` (the question about the instructions), `db.answers` (each answer
    exactly once), `db.deletion` (withdrawal and retention), `db.reading` (tables for the analysis
    and counts for the dashboard), `db.aggregates` (the same summed up), `db.standing` (who is where
    just now), `db.words` (which words count as one, corrected), `db.settings` (the server's
    secret).
    `db.database.Database` tells how it is opened and what is refused.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder, Store(f"{folder}/whyface.db") as store:
        ...     store.versions()
        []
    """

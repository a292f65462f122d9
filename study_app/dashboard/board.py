"""The one study that this process shows to its researchers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from db.store import Store
from study_app.dashboard.oidc import Oidc


@dataclass(frozen=True)
class Board:
    """What the dashboard's pages need to know.

    Arguments:
        store: the database.
        stimuli: the folder of pictures.
        hashed: the password's hash, or another secret of this dashboard; the pages check the
            visitor's cookie against it.
        mode: which answers are shown first.
        oidc: how researchers sign in; by the password without it.
    """

    store: Store
    stimuli: Path
    hashed: str
    mode: str = "live"
    oidc: Oidc | None = None


_board: Board | None = None


def use(board: Board) -> None:
    """Show this study from now on."""
    global _board
    _board = board


def current() -> Board:
    """The study that is shown; RuntimeError before `use`."""
    if _board is None:
        raise RuntimeError("no study is shown: call study_app.dashboard.board.use first")
    return _board

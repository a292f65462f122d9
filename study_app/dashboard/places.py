"""Who is wanted and who is there: caps, arms, quotas and segments as groups with targets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from analysis.data import segments
from db.records import Mode
from study_app.dashboard import board
from study_app.dashboard.data import Shown

UNKNOWN = "did not say (yet)"


class Group(NamedTuple):
    """How many of a group take part.

    Arguments:
        name: in words.
        consented, completed, under_way: see `Store.standing`.
        wanted: how many shall complete; None where nobody said.
    """

    name: str
    consented: int = 0
    completed: int = 0
    under_way: int = 0
    wanted: float | None = None


class Places(NamedTuple):
    """The groups of one kind.

    Arguments:
        title: such as ``By arm``.
        about: what the groups are, in a sentence; may be empty.
        groups: in their order.
    """

    title: str
    about: str
    groups: tuple[Group, ...]

    @property
    def wanted(self) -> bool:
        """Whether there is any target."""
        return any(group.wanted is not None for group in self.groups)


def everybody(shown: Shown) -> Places | None:
    """All together beside the cap; None where the study has none."""
    cap = _recruitment(shown).get("cap")
    if cap is None:
        return None
    return _places(shown, "Places", "", "", {"": "Everybody"}, {"": cap})


def kinds(shown: Shown) -> Iterator[Places]:
    """Arms, then each declared segment."""
    recruitment = _recruitment(shown)
    arms = shown.study.get("arms") or {}
    if arms:
        about = "Whoever joins gets into the arm in which the fewest have finished or are under way"
        # Arms fill evenly, so that each gets its share of the cap.
        cap = recruitment.get("cap")
        each = {} if cap is None else dict.fromkeys(arms, cap / len(arms))
        yield _places(shown, "By arm", about, "arm", {name: name for name in arms}, each)
    titles = segments.columns(shown.study)
    for name, segment in (shown.study.get("segments") or {}).items():
        title, labels = titles[name]
        quota = (recruitment.get("quotas") or {}).get(name) or {}
        heading = f"By {name.replace('_', ' ')}"
        yield _places(shown, heading, title, segment["from"], labels, quota)


def _places(
    shown: Shown, title: str, about: str, by: str, labels: dict[str, str], wanted: dict[str, Any]
) -> Places:
    store, mode = board.current().store, Mode(shown.mode)
    table = store.standing(version=shown.version, mode=mode, by=by)
    counts: dict[str | None, tuple[int, int, int]] = {
        group: (consented, completed, going) for group, consented, completed, going in table.rows
    }
    groups = []
    for group, words in labels.items():
        consented, completed, going = counts.pop(group, (0, 0, 0))
        groups.append(Group(words, consented, completed, going, wanted.get(group)))
    if counts:  # no answer yet, or none wished
        groups.append(Group(UNKNOWN, *(sum(n) for n in zip(*counts.values(), strict=True))))
    return Places(title, about, tuple(groups))


def _recruitment(shown: Shown) -> dict[str, Any]:
    return shown.study.get("recruitment") or {}

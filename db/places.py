"""Places in a study: who holds one, which is the next, and how many are left.

A place is whose turn it is in the design of an arm. Whoever leaves without finishing gives theirs
back, so that the places of those who finish follow one another without gaps.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from db.database import Database
from db.records import UNDER_WAY, Mode, Quota, Stage
from db.schema import assignment, background, study_version


class Places(Database):
    """How many more people are wanted."""

    def places_left(self, version: str, mode: Mode, cap: int) -> int:
        """How many more may join the study of this version while ``cap`` may finish."""
        with self.reading() as connection:
            return max(cap - held(connection, version, mode, datetime.now(UTC)), 0)


def under_way(columns: Any = assignment.c) -> ColumnElement[bool]:
    """Whoever may still go on, seen lately or not."""
    return and_(columns.state.in_(UNDER_WAY), columns.ended.is_(None))


def holding(now: datetime, columns: Any = assignment.c) -> ColumnElement[bool]:
    """Whoever has finished, or is under way with a lease that has not run out."""
    live = and_(under_way(columns), columns.lease_until > now)
    return or_(columns.state == Stage.COMPLETED, live)


def held(connection: Connection, version: str, mode: Mode, now: datetime) -> int:
    """How many hold a place in the study of a version, whichever of its versions they see."""
    query = select(func.count()).where(_of_study(version, mode, now))
    return connection.execute(query).scalar_one()


def emptiest(
    connection: Connection, version: str, mode: Mode, arms: Sequence[str], now: datetime
) -> str:
    """The arm of a version in which the fewest hold a place; the first of them if several do."""
    if len(arms) == 1:
        return arms[0]
    a = assignment.c
    here = (a.version == version, a.mode == mode, a.state.in_([Stage.COMPLETED, *UNDER_WAY]))
    query = select(a.arm, func.count()).where(*here, holding(now)).group_by(a.arm)
    taken: dict[str, int] = dict(connection.execute(query).all())
    return min(arms, key=lambda arm: taken.get(arm, 0))


def next_place(connection: Connection, version: str, mode: Mode, arm: str, now: datetime) -> int:
    """The lowest place of an arm that somebody gave back, else the one after the last, from 1."""
    a, other = assignment.c, assignment.alias()
    here = and_(a.version == version, a.mode == mode, a.arm == arm)
    held = (
        select(other.c.id)
        .where(other.c.version == version, other.c.mode == mode, other.c.arm == arm)
        .where(other.c.place == a.place, holding(now, other.c))
        .exists()
    )
    left = a.state.in_([*UNDER_WAY, Stage.WITHDRAWN])
    back = select(func.min(a.place)).where(here, left, ~held)
    if (place := connection.execute(back).scalar()) is not None:
        return int(place)
    last = connection.execute(select(func.max(a.place)).where(here)).scalar()
    return int(last or 0) + 1


def full(
    connection: Connection, version: str, mode: Mode, quotas: Sequence[Quota], now: datetime
) -> bool:
    """Whether one of the quotas of the study of a version has no place left."""
    b = background.c
    for question, choice, places in quotas:
        query = (
            select(func.count())
            .select_from(assignment)
            .join(background)
            .where(_of_study(version, mode, now), b.question == question, b.value == choice)
        )
        if connection.execute(query).scalar_one() >= places:
            return True
    return False


def of_study(version: str) -> ColumnElement[bool]:
    """Whoever takes part in any version of the study of a version."""
    v, this = study_version.c, study_version.alias()
    versions = select(v.hash).join(this, this.c.study == v.study).where(this.c.hash == version)
    return assignment.c.version.in_(versions)


def _of_study(version: str, mode: Mode, now: datetime) -> ColumnElement[bool]:
    a = assignment.c
    states = a.state.in_([Stage.COMPLETED, *UNDER_WAY])
    return and_(of_study(version), a.mode == mode, states, holding(now))

"""Writes that wait for the same lock are committed as one transaction."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DatabaseError

from db.turns import Turns

T = TypeVar("T")


@dataclass(eq=False)
class _Write(Generic[T]):
    work: Callable[[Connection], T]
    result: T | None = None
    error: Exception | None = None
    done: bool = False


class Together:
    """Group commit: who comes first commits for everybody who waits by then.

    A commit waits for the disk, and SQLite knows one writer at a time: without this, a hundred
    answers a second are a hundred waits, one after the other. Each write has a savepoint of its
    own, so one that is refused takes nothing of the others with it; none returns before the disk
    has it. Where the database itself objects, nothing of the group is stored, and each is written
    again in a transaction of its own.

    Source: DeWitt et al. 1984, Implementation techniques for main memory database systems,
    section 5.2 (group commit).

    Arguments:
        transaction: a new transaction for writing, as a context that commits.
    """

    def __init__(self, transaction: Callable[[], AbstractContextManager[Connection]]) -> None:
        self._transaction = transaction
        self._turns = Turns()
        self._waiting: deque[_Write[Any]] = deque()

    def write(self, work: Callable[[Connection], T]) -> T:
        """What ``work`` returns, once it is stored.

        Errors: what ``work`` or its transaction raises; nothing of it is stored then.
        """
        mine = _Write(work)
        self._waiting.append(mine)
        try:
            with self._turns:
                if not mine.done:
                    self._commit()
        except BaseException:  # Ctrl-C: nobody waits for the result any more
            with suppress(ValueError):
                self._waiting.remove(mine)
            raise
        if mine.error is not None:
            raise mine.error
        return mine.result  # type: ignore[return-value]

    def _commit(self) -> None:
        writes = [self._waiting.popleft() for _ in range(len(self._waiting))]
        try:
            if len(writes) == 1 or not self._as_one(writes):
                for write in writes:
                    self._alone(write)
        finally:  # after Ctrl-C the others' own turns come
            self._waiting.extendleft(write for write in reversed(writes) if not write.done)

    def _as_one(self, writes: list[_Write[Any]]) -> bool:
        try:
            with self._transaction() as connection:
                for write in writes:
                    try:
                        with connection.begin_nested():
                            write.result = write.work(connection)
                    except DatabaseError:
                        raise
                    except Exception as error:  # noqa: BLE001 raised where it was asked for
                        write.error = error
        except DatabaseError:
            return False
        for write in writes:
            write.done = True
        return True

    def _alone(self, write: _Write[Any]) -> None:
        write.error = None
        try:
            with self._transaction() as connection:
                write.result = write.work(connection)
        except Exception as error:  # noqa: BLE001 raised where it was asked for
            write.error = error
        write.done = True

"""How somebody came: what a panel's address says about them. None of it is stored in clear."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from db.records import Mode
from study_app.frozen import Frozen

# What panels use; a placeholder that a panel did not fill in, such as {{%PROLIFIC_PID%}}, is none.
_ID = re.compile(r"[A-Za-z0-9._~@+:=-]{1,128}", re.ASCII)


@dataclass(frozen=True)
class Arrival:
    """Who comes, by the address that brought them.

    Arguments:
        id: the panel's id of the person.
        session: what the panel calls this one participation; nobody else knows it.
    """

    id: str | None = None
    session: str | None = None


NOBODY = Arrival()


def arrival(study: Frozen, address: Mapping[str, str]) -> Arrival:
    """What the address says, by the names that the study file gives.

    Arguments:
        address: the parameters of the address.
    """
    names = (study.study.get("recruitment") or {}).get("parameters") or {}
    said = {key: address.get(name, "") for key, name in names.items()}
    return Arrival(**{key: text for key, text in said.items() if _ID.fullmatch(text)})


def is_complete(study: Frozen, mode: Mode, came: Arrival) -> bool:
    """Whether somebody who came so may take part: a panel's participants need its id.

    Trying a study out does not.
    """
    panel = (study.study.get("recruitment") or {}).get("parameters")
    return mode != Mode.LIVE or not panel or came.id is not None

"""What a participant takes back to the panel that sent them: a code, and an address."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import quote

from db.store import Store
from study_app.frozen import Frozen
from study_app.participation.arrival import NOBODY, Arrival
from study_app.participation.joining import external
from study_app.participation.pages import Page
from study_app.participation.session import State

_PROLIFIC = "https://app.prolific.com/submissions/complete?cc={code}"
_KEYS = {
    Page.DEBRIEFING: "complete",
    Page.SCREENED_OUT: "screened_out",
    Page.FULL: "full",
    Page.TIMED_OUT: "timed_out",
    Page.FAILED_CHECKS: "failed_checks",
    Page.DECLINED: "no_consent",
}


class WayBack(NamedTuple):
    """How somebody shows a panel how the study ended for them.

    Arguments:
        code: to be copied; None without one.
        url: to be opened; None without one.
        failed: whether they answered too few attention checks rightly, and the code says so.
    """

    code: str | None = None
    url: str | None = None
    failed: bool = False


def way_back(store: Store, here: State, came: Arrival = NOBODY) -> WayBack:
    """The way back from an end page.

    An address with the panel's id in it is given only to the person who joined with this id: it
    may be worth money or credits.

    Arguments:
        here: where the participant is.
        came: what their address says; the id is in no other place in clear.
    """
    if here.study is None or here.page not in _KEYS:
        return WayBack()
    recruitment = here.study.study.get("recruitment") or {}
    codes = recruitment.get("codes") or {}
    key = _KEYS[here.page]
    failed = (
        here.page == Page.DEBRIEFING
        and "failed_checks" in codes
        and not _passed(store, here.study, here.token)
    )
    text = codes.get("failed_checks" if failed else key)
    if text is None:
        return WayBack(here.completion_code)
    if not text.startswith("https://"):
        url = _PROLIFIC.format(code=text) if recruitment["source"] == "prolific" else None
        return WayBack(text, url, failed)
    if "{id}" in text:
        if came.id is None or not _is_theirs(store, here, came.id):
            return WayBack(here.completion_code, failed=failed)
        text = text.replace("{id}", quote(came.id, safe=""))
    return WayBack(None, text, failed)


def _passed(store: Store, study: Frozen, token: str) -> bool:
    wanted = (study.study.get("quality") or {}).get("attention", 0)
    given, passed = store.checks(token)
    return passed >= min(wanted, given)


def _is_theirs(store: Store, here: State, panels_id: str) -> bool:
    joined = here.withdrawal_code is not None
    return not joined or store.is_of(here.token, external(store, panels_id))

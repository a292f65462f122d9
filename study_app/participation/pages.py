"""The pages that a participant may be on."""

from __future__ import annotations

from enum import StrEnum

from db.records import Ending, Stage


class Page(StrEnum):
    """What a participant sees next."""

    CONSENT = "consent"
    BACKGROUND = "background"
    INSTRUCTIONS = "instructions"
    TRIAL = "trial"
    DEBRIEFING = "debriefing"
    # Not let in.
    DECLINED = "declined"
    CLOSED = "closed"
    PAUSED = "paused"
    INCOMPLETE = "incomplete"
    ALREADY = "already"
    FULL = "full"
    # Let in, and over before the end.
    SCREENED_OUT = "screened_out"
    TIMED_OUT = "timed_out"
    FAILED_CHECKS = "failed_checks"
    WITHDRAWN = "withdrawn"


OF_STAGE = {
    Stage.BACKGROUND: Page.BACKGROUND,
    Stage.INSTRUCTIONS: Page.INSTRUCTIONS,
    Stage.TRIALS: Page.TRIAL,
    Stage.COMPLETED: Page.DEBRIEFING,
    Stage.WITHDRAWN: Page.WITHDRAWN,
}
"""The page of each stage."""

OF_ENDING = {
    Ending.SCREENED_OUT: Page.SCREENED_OUT,
    Ending.FULL: Page.FULL,
    Ending.TIMED_OUT: Page.TIMED_OUT,
    Ending.FAILED_CHECKS: Page.FAILED_CHECKS,
}
"""The page of whoever's study ended before its end."""

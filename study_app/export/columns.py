"""What each column of the exported tables means, whatever the study."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from db.records import Ending, Mode, Stage, Timing
from db.scale import Scale

Kind = Literal["text", "integer", "number", "boolean", "time"]


class Meaning(NamedTuple):
    """A column: type of its values, unit, what may stand there (value → words), and meaning."""

    kind: Kind
    about: str
    unit: str = ""
    values: Mapping[str, str] = {}


MODES = {
    Mode.LIVE: "participants of the study",
    Mode.PILOT: "trying the study out: no results",
    Mode.TEST: "the researchers themselves: no results",
    Mode.SIMULATED: "computed, no human being answered",
}
STAGES = {
    Stage.BACKGROUND: "agreed, did not finish the questions about themselves",
    Stage.INSTRUCTIONS: "did not finish the instructions",
    Stage.TRIALS: "did not finish the questions",
    Stage.COMPLETED: "answered everything",
    Stage.WITHDRAWN: "everything that they gave was deleted, on their wish or after its time",
}
ENDINGS = {
    Ending.SCREENED_OUT: "their answers about themselves: the study was not for them",
    Ending.FULL: "enough people like them took part already",
    Ending.TIMED_OUT: "it took longer than the study allows",
    Ending.FAILED_CHECKS: "the practice or the question about the instructions was not passed",
}
SCALES = {
    Scale.SELECTION: "1 picked, 0 offered and not picked",
    Scale.PAIRWISE: "1 preferred, 0 not, 0.5 a tie",
    Scale.RANKING: "a rank, 1 is best",
    Scale.RATING: "a number on a labelled scale",
    Scale.CORRECTNESS: "1 right, 0 wrong",
    Scale.WORD: "a text",
}
_ROLES = {
    "main": "counts",
    "practice": "for getting used to the task, never analysed",
    "attention": "an attention check",
}
_CLOCKS = {
    Timing.CLIENT: "measured in the browser, from the moment when all pictures were shown",
    Timing.SERVER: "measured between sending the page and receiving the answer",
}


def _plain(values: Mapping[Any, str]) -> dict[str, str]:
    return {str(value): words for value, words in values.items()}


MEANINGS: Mapping[str, Meaning] = {
    # Both tables
    "participant": Meaning("text", "Random id of the participant"),
    "assignment": Meaning("integer", "Key of one person's taking part in one version of the study"),
    "version": Meaning("text", "SHA-256 of the frozen study that they took part in"),
    "number": Meaning("integer", "The participant's number within version and mode, from 1"),
    "arm": Meaning("text", "Group that the participant was assigned to; empty without groups"),
    "place": Meaning("integer", "Whose turn in the design of their arm it was, from 1"),
    "mode": Meaning("text", "Why they took part", values=_plain(MODES)),
    "state": Meaning("text", "How far the participant came", values=_plain(STAGES)),
    "ended": Meaning(
        "text",
        "Why the study ended for the participant before its end; empty where it did not",
        values=_plain(ENDINGS),
    ),
    # Answers
    "trial": Meaning("integer", "Key of the question as it was put to this participant"),
    "position": Meaning("integer", "When it was asked: its place among their questions, from 1"),
    "block": Meaning("integer", "Its block in the study file, from 0"),
    "role": Meaning("text", "What the question is for", values=_ROLES),
    "type": Meaning("text", "How was asked: the trial type"),
    "item": Meaning("text", "What was asked about, the same for all participants"),
    "shown_at": Meaning("time", "When the server first showed it", "UTC, ISO 8601"),
    "answered_at": Meaning("time", "When the server stored the answer", "UTC, ISO 8601"),
    "rt_ms": Meaning("number", "Response time; time with the page out of sight taken off", "ms"),
    "hidden_ms": Meaning("number", "For how long the page was out of sight", "ms"),
    "rt_source": Meaning("text", "Whose clock the response time is from", values=_plain(_CLOCKS)),
    "scale": Meaning("text", "What the value is", values=_plain(SCALES)),
    "correct": Meaning(
        "boolean",
        "Whether the whole answer is right; empty where nothing is right or wrong",
        values={"1": "right", "0": "wrong"},
    ),
    "option": Meaning("text", "The explanation (or other choice) that this row is about"),
    "option_position": Meaning("integer", "Where it stood: its place on the page, from 1"),
    "sha256": Meaning("text", "SHA-256 of the very picture that was shown"),
    "value": Meaning("number", "The answer for this option; see scale"),
    "text": Meaning("text", "What the participant wrote; empty where the answer is a number"),
    "model": Meaning("text", "The network that was asked about, by its name in the study"),
    "face": Meaning("text", "The face that was shown; empty for concepts"),
    "target": Meaning(
        "text", "What the network predicts for this face; the class that the concept belongs to"
    ),
    "concept": Meaning("text", "The concept that was asked about; empty for predictions"),
    "layer": Meaning("text", "The layer of the network in which the concept was found"),
    "family": Meaning("text", "How the concept was found, by its name in the study"),
    # Participants
    "language": Meaning("text", "In which of several languages they took part; else empty"),
    "consent_version": Meaning("text", "Version of the consent text that they agreed to"),
    "consented_at": Meaning("time", "When they agreed", "UTC, ISO 8601"),
    "started_at": Meaning("time", "When they had read the instructions", "UTC, ISO 8601"),
    "completed_at": Meaning("time", "When their last answer was stored", "UTC, ISO 8601"),
    "trials": Meaning("integer", "How many questions they were to be asked"),
    "answered": Meaning("integer", "How many of them they answered"),
    "viewport_width": Meaning(
        "integer",
        "Inner width of the narrowest window in which they answered; empty where unknown",
        "px",
    ),
}

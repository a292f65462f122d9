"""Whether answers and participants contradict each other, as only tampered data do."""

from __future__ import annotations

import pandas as pd

from analysis.errors import AnalysisError


def check(answers: pd.DataFrame, people: pd.DataFrame, mode: str) -> None:
    """Refuse answers that no study can have given; all contradictions in one error.

    Arguments: ``responses`` and ``participants`` as for `Frames`, and their mode.

    Errors:
        AnalysisError: rows contradict each other.
    """
    wrong = []
    if foreign := sorted(set(people["mode"].dropna()) - {mode}):
        wrong.append(f"participants of mode {', '.join(foreign)} among those of mode {mode}")
    if twice := int(people["participant"].duplicated().sum()):
        wrong.append(f"{twice} participants stand twice")
    if strangers := len(set(answers["participant"]) - set(people["participant"])):
        wrong.append(f"answers of {strangers} participants who are not in the study")
    if twice := int(answers.duplicated(["trial", "option"]).sum()):
        wrong.append(f"{twice} options are answered twice in the same trial")
    if missing := int((answers["value"].isna() & (answers["scale"] != "word")).sum()):
        wrong.append(f"{missing} answers have no value")
    picks = answers.loc[answers["scale"] == "selection", "value"]
    if strange := int((~picks.isin([0, 1])).sum()):
        wrong.append(f"{strange} selections are neither 0 nor 1")
    if wrong:
        fix = "the database was changed by hand or by another program: restore a copy of it"
        raise AnalysisError("answers", "; ".join(wrong), fix)

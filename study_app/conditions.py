"""Who takes part in a study, on which conditions, and by which rules, in lines for its author."""

from __future__ import annotations

from collections.abc import Iterator

from analysis import rules
from study_app.study_file.questions import Condition
from study_app.study_file.study import Study

ENDINGS = ("complete", "failed_checks", "screened_out", "full", "timed_out", "no_consent")
"""What can be told to a panel, as under ``recruitment: codes``."""

_TOLD_ELSEWHERE = ("instruction_check", "practice")


def who(study: Study) -> Iterator[str]:
    """Who takes part: languages, the way here, places, screening, arms."""
    if study.languages:
        yield f"in one of {len(study.languages)} languages: {', '.join(study.languages)}"
    recruitment = study.recruitment
    yield f"by {source(study)}"
    if recruitment.cap is not None:
        yield f"{recruitment.cap} may finish"
    for segment, places in (recruitment.quotas or {}).items():
        groups = ", ".join(f"{group} {number}" for group, number in places.items())
        yield f"quotas by {segment}: {groups}"
    for rule in study.screen_out or ():
        yield f"not if {said(rule)}"
    if recruitment.maximum_minutes is not None:
        yield f"for {recruitment.maximum_minutes} minutes at most"
    if study.arms:
        yield f"in one of {len(study.arms)} arms: {', '.join(study.arms)}"


def source(study: Study) -> str:
    """The way here, and for a panel which endings have a code and which have none."""
    recruitment = study.recruitment
    if recruitment.parameters is None:
        return "a plain link"
    names = [recruitment.parameters.id, recruitment.parameters.session]
    known = f"{recruitment.source} ({', '.join(filter(None, names))})"
    lacking = [name.replace("_", " ") for name in uncoded(study)]
    return f"{known}, no code for: {', '.join(lacking)}" if lacking else known


def uncoded(study: Study) -> list[str]:
    """The endings that can happen in this study and have no code for its panel."""
    recruitment = study.recruitment
    gates = [study.quality.instruction_check, *(block.practice for block in study.blocks)]
    ends = any(gate is not None and gate.on_fail == "end" for gate in gates)
    possible = {
        "complete": True,
        "failed_checks": ends or bool(study.quality.setting("attention")),
        "screened_out": bool(study.screen_out),
        "full": bool(recruitment.cap or recruitment.quotas),
        "timed_out": bool(recruitment.maximum_minutes),
        "no_consent": True,
    }
    codes = recruitment.codes
    return [name for name in ENDINGS if possible[name] and not (codes and getattr(codes, name))]


def quality(study: Study) -> Iterator[str]:
    """The rules of quality with their settings, and which only mark."""
    declared = rules.declared(study.model_dump(mode="json", by_alias=True, exclude_none=True))
    for name, setting in declared.items():
        marks = " (marks only)" if name in study.quality.marks_only else ""
        told = " to ".join(map(str, setting)) if isinstance(setting, list) else setting
        if name not in _TOLD_ELSEWHERE:
            yield f"{name}{marks}" if setting is True else f"{name} {told}{marks}"


def instruction_check(study: Study) -> str:
    """The question about the instructions; empty without one."""
    check = study.quality.instruction_check
    if check is None:
        return ""
    times = "1 attempt" if check.attempts == 1 else f"{check.attempts} attempts"
    over = ", then the study ends" if check.on_fail == "end" else ""
    return f"a question about the instructions ({times}{over})"


def said(condition: Condition) -> str:
    """A condition on the answers about oneself."""
    return f"{condition.question} is {' or '.join(condition.choices)}"

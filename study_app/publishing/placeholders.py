"""Notes to the researcher that a ready study's texts still hold; no participant may read them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product

from explainers.problems import Problem, Problems
from study_app.frozen import Frozen

_NOTE = re.compile(r"\(\s*Researcher:\s*([^)]*)\)")


def unfilled(study: Frozen) -> Iterator[Problem]:
    """What is still to be filled in, in consent, instructions and debriefing.

    A note is written as ``(Researcher: what to put here.)``.
    """
    every = product(study.languages, ("consent", "instructions", "debriefing"))
    for language, name in every:
        spoken = study.in_language(language)
        file, text = spoken.study[name]["file"], getattr(spoken, name)
        for note in _NOTE.finditer(text):
            line = text.count("\n", 0, note.start()) + 1
            yield Problem(
                f"{file}:{line}",
                f"still tells you what to write there: “{' '.join(note[1].split())}”",
                "write it in place of the note; until then, use --mode test or --mode pilot",
            )


def require_filled(study: Frozen) -> None:
    """Nothing if all is filled in. Errors: Problems, each with its file and line."""
    found = list(unfilled(study))
    if found:
        raise Problems(found)

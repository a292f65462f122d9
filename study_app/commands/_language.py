"""The option ``--language`` of the verbs that show what participants read."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from explainers.problems import Problems, suggest

if TYPE_CHECKING:
    from study_app.frozen import Frozen


def language_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """``--language``, one of the study's."""
    text = "One of the study's languages; the first one unless named."
    return click.option("--language", help=text)(command)


def spoken(study: Frozen, language: str | None) -> Frozen:
    """The study in a language. Errors: Problems when it is not in this one."""
    if language is not None and language not in study.languages:
        what = f"the study is not in '{language}'"
        raise Problems.one("--language", what, suggest(language, study.languages))
    return study.in_language(language)

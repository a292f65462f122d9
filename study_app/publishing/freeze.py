"""The frozen version of a study: one text that holds all that survey and analysis need."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from explainers.concept import Collection
from explainers.manifest import Manifest
from study_app.languages import differences
from study_app.questions.items import study_items
from study_app.study_file.load import load_languages
from study_app.study_file.study import Study


def frozen_text(folder: Path) -> tuple[str, str]:
    """The study in ``folder`` as one canonical JSON text, and that text's SHA-256.

    The same study and the same pictures give the same text on every machine: keys stand in the
    order of the study file (which is the order in which choices are shown), pictures are named by
    their hashes, and nothing depends on the time.

    Returns: (version, text).

    Errors: Problems, of the study file or of what was not built.
    """
    studies = load_languages(folder)
    manifest = Manifest.load(folder / "stimuli")
    concepts = concepts_of(next(iter(studies.values())), folder)
    frozen, *others = (_plain(study, folder, manifest, concepts) for study in studies.values())
    if others:
        # The whole study once, and what reads differently in the other languages.
        frozen["translations"] = {
            other["study"]["language"]: list(differences(frozen, other)) for other in others
        }
    text = json.dumps(frozen, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest(), text


def concepts_of(study: Study, folder: Path) -> Collection:
    """The concepts of a built study; none unless it asks about some."""
    return Collection.load(folder / "stimuli") if study.concepts else Collection(())


def _plain(study: Study, folder: Path, manifest: Manifest, concepts: Collection) -> dict[str, Any]:
    """The study in one language."""
    return {
        "study": study.model_dump(mode="json", by_alias=True, exclude_none=True),
        "consent": _text(folder / study.consent.file),
        "instructions": _text(folder / study.instructions.file),
        "debriefing": _text(folder / study.debriefing.file),
        "items": study_items(study, manifest, concepts),
    }


def _text(path: Path) -> str:
    # Line ends and a mark at the beginning differ between editors, not between studies.
    return path.read_text(encoding="utf-8-sig")

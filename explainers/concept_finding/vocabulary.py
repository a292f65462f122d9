"""Words for what is in a face, and where the truth of each comes from.

Torch-free. Source: the survey, Fig. 16 and section 5 (parts, pose, expression, age, gender, hair,
accessories, action units), with the words of CelebA (Liu et al., Deep Learning Face Attributes in
the Wild, 2015) and of the Facial Action Coding System (Ekman & Friesen, 1978).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from explainers.face import Face
from explainers.faces.parts import part_numbers
from explainers.parameter_checks import Checks
from explainers.problems import Problem, Problems, suggest

Truths = Mapping[str, Mapping[str, bool]]
"""What is known of whole faces: face → word → true or false; an absent word is not known."""


@dataclass(frozen=True)
class Word:
    """A concept that people have a word for.

    Arguments:
        name: the word.
        group: ``part``, ``expression``, ``age``, ``gender``, ``skin``, ``pose``, ``hair``,
            ``accessory`` or ``action unit``.
        kind: ``part``, a mask of pixels from the face's part map, or ``attribute``, a truth about
            the whole face, from the index of the shipped faces or from a CSV file (see
            `explainers.concept_finding.attributes`).
    """

    name: str
    group: str
    kind: Literal["part", "attribute"] = "attribute"


AGES = {"young": range(0, 35), "middle-aged": range(35, 60), "old": range(60, 200)}
"""Years that each word of age stands for."""
SHIPPED = ("expression", "age", "gender", "skin")
"""Groups that the index of the shipped faces knows; the others need a CSV file."""

_ATTRIBUTES = {
    "expression": "neutral, happy, sad, angry, fearful, disgusted, surprised",
    "age": ", ".join(AGES),
    "gender": "male, female",
    "skin": "light skin, medium skin, brown skin, dark skin",
    "pose": "frontal, turned left, turned right, looking up, looking down, tilted",
    "hair": "bald, receding hairline, bangs, black hair, brown hair, blond hair, gray hair, "
    "straight hair, wavy hair, full beard, goatee, mustache, sideburns, stubble",
    "accessory": "eyeglasses, sunglasses, hat, headscarf, earrings, necklace, necktie, lipstick, "
    "heavy makeup, face mask",
    "action unit": "inner brow raiser, outer brow raiser, brow lowerer, upper lid raiser, "
    "cheek raiser, lid tightener, nose wrinkler, upper lip raiser, lip corner puller, dimpler, "
    "lip corner depressor, chin raiser, lip stretcher, lip tightener, lip pressor, lips part, "
    "jaw drop, eyes closed",
}
ACTION_UNITS = dict(
    zip(
        (1, 2, 4, 5, 6, 7, 9, 10, 12, 14, 15, 17, 20, 23, 24, 25, 26, 43),
        _ATTRIBUTES["action unit"].split(", "),
        strict=True,
    )
)
"""Number of each action unit → its word; a CSV file may say ``AU12`` for ``lip corner puller``."""


def _vocabulary() -> tuple[Word, ...]:
    parts = tuple(Word(name, "part", "part") for name in part_numbers() if name != "background")
    return parts + tuple(
        Word(name, group) for group, names in _ATTRIBUTES.items() for name in names.split(", ")
    )


WORDS = _vocabulary()
"""The vocabulary, parts first."""


def find_word(name: str, where: str = "words") -> Word:
    """The word called ``name``, or by an action unit's number, such as ``AU12``.

    Errors: Problems with the nearest word.

    Example:
        >>> find_word("mouth").kind, find_word("AU12").name
        ('part', 'lip corner puller')
    """
    units = {f"AU{number}": word for number, word in ACTION_UNITS.items()}
    for word in WORDS:
        if word.name == units.get(name.upper(), name):
            return word
    fix = suggest(name, (word.name for word in WORDS))
    raise Problems.one(where, f"unknown word '{name}'", fix)


def find_words(names: Iterable[str], where: str = "words") -> tuple[Word, ...]:
    """The words called ``names``, all of them when there is none; all problems at once."""
    found, problems = [], list[Problem]()
    for name in names:
        try:
            found.append(find_word(name, where))
        except Problems as error:
            problems += error.problems
    if problems:
        raise Problems(problems)
    return tuple(dict.fromkeys(found)) or WORDS


def check_words(checks: Checks, names: object) -> None:
    """Note what is wrong with a finder's field ``words``, all of it."""
    if not isinstance(names, list | tuple):
        checks.add("words", f"must be a list of words, not {names!r}", "write [mouth, eyes]")
        return
    try:
        find_words(str(name) for name in names)
    except Problems as error:
        for problem in error.problems:
            checks.add("words", problem.what, problem.fix)


def shipped_truths(entry: Mapping[str, Any]) -> dict[str, bool]:
    """What an entry of the shipped faces' index says, word by word.

    Example:
        >>> truths = shipped_truths({"age": 27, "gender": "female", "expression": "happy"})
        >>> truths["young"], truths["old"], truths["happy"], truths["male"]
        (True, False, True, False)
    """
    truths: dict[str, bool] = {}
    for key in ("expression", "gender"):
        if key in entry:
            truths |= {name: name == entry[key] for name in _ATTRIBUTES[key].split(", ")}
    if "skin_tone" in entry:
        tone = f"{entry['skin_tone']} skin"
        truths |= {name: name == tone for name in _ATTRIBUTES["skin"].split(", ")}
    if "age" in entry:
        truths |= {name: int(entry["age"]) in years for name, years in AGES.items()}
    return truths


def masks_of(
    face: Face, size: int, padding: float, word: Word | str, truths: Truths | None = None
) -> npt.NDArray[np.bool_] | None:
    """Where a word is true in the picture that a model sees.

    Arguments:
        size, padding: of the chip, the model's ``input_size`` and ``chip_padding``.
        word: a part gives the part's pixels, an attribute all pixels or none.
        truths: of the attributes; see `explainers.concept_finding.attributes.known_truths`.

    Returns: bool, [size, size]; None where the truth is not known: a face without a part map, or
    an attribute that nobody wrote down for this face.

    Example:
        >>> from pathlib import Path
        >>> from explainers.faces.face_bank import load_faces
        >>> (face,) = load_faces("rendered", Path(), ["f01"])
        >>> masks_of(face, 32, 0.25, "mouth").any(), masks_of(face, 32, 0.25, "happy") is None
        (np.True_, True)
    """
    word = find_word(word) if isinstance(word, str) else word
    if word.kind == "part":
        parts = face.chip_parts(size, padding)
        return None if parts is None else parts == part_numbers()[word.name]
    truth = (truths or {}).get(face.id, {}).get(word.name)
    return None if truth is None else np.full((size, size), truth)

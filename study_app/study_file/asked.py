"""Which model is asked about which face."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle, product


def asked(
    models: Sequence[str], main: Sequence[str], practice: Sequence[str], attention: Sequence[str]
) -> tuple[tuple[str, str, str], ...]:
    """Every (role, model, face) that is asked about.

    Each model with each main face; the faces for practice and attention take the models in turn.

    Example:
        >>> asked(("age", "gender"), ("f01",), ("f02",), ("f03",))[2:]
        (('practice', 'age', 'f02'), ('attention', 'gender', 'f03'))
    """
    every = [("main", model, face) for model, face in product(models, main)]
    others = [("practice", face) for face in practice]
    others += [("attention", face) for face in attention]
    turns = zip(others, cycle(models), strict=False)
    return (*every, *((role, model, face) for (role, face), model in turns))

"""What a simulated person feels about an option, from how often they would tick it.

The rate p of an option is the chance of ticking it in `pick_any`; its utility is logit p. All
trial types answer from the same utilities, so one planted effect is found by each of them:
worth = p / (1 - p) in choices, pairs and rankings (Luce), and a rating or a slider stands in its
upper half with probability p.

Source: R. D. Luce, Individual Choice Behavior (1959); J. I. Yellott, J. Math. Psychology 15 (1977)
109-144 (Gumbel noise gives Luce's choices).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from db.records import Offer
from study_app.trials import Person

_EDGE = 0.01  # nobody is certain for ever


def utility(person: Person, option: str) -> float:
    """logit of the rate; 0 for an option that nothing is known about.

    Example:
        >>> round(utility(Person({"map": 0.75}), "map"), 3), utility(Person({}), "map")
        (1.099, 0.0)
    """
    p = min(max(person.rates.get(option, 0.5), _EDGE), 1 - _EDGE)
    return math.log(p / (1 - p))


def ranked(person: Person, offers: Sequence[Offer]) -> list[int]:
    """The positions from best to worst: Plackett-Luce with worths exp(utility)."""
    noisy = {o.position: utility(person, o.option) + _gumbel(person) for o in offers}
    return sorted(noisy, key=noisy.__getitem__, reverse=True)


def felt(person: Person, option: str) -> float:
    """How much the person likes it at this moment, from 0 to 1: logistic noise on the utility.

    Formula: 1 / (1 + exp(-u - e)), e logistic, so that P(felt > t) = sigmoid(u - logit t): the
    proportional odds of `analysis.statistics.cumulative_link`, and P(felt > 1/2) = p.
    """
    u = min(max(person.rng.random(), 1e-12), 1 - 1e-12)
    return 1 / (1 + math.exp(-utility(person, option) - math.log(u / (1 - u))))


def _gumbel(person: Person) -> float:
    return -math.log(-math.log(min(max(person.rng.random(), 1e-12), 1 - 1e-12)))

"""The tests with people of ACE (Ghorbani, Wexler, Zou & Kim, NeurIPS 2019, section 4.1).

The numbers are quoted from memory of others, not read in the primary text: they are shown as
reported.
"""

from __future__ import annotations

from analysis.published_figures import REPORTED, Figure

SOURCE = (
    "A. Ghorbani, J. Wexler, J. Zou and B. Kim, Towards Automatic Concept-based Explanations, "
    "NeurIPS 2019, section 4"
)
_WORDS = "30 people"
FIGURES = (
    Figure(
        "The intruder is found among six, discovered concepts",
        "intruder",
        "choice_accuracy",
        "choice_accuracy",
        0.99,
        "14.9 ± 0.3 of 15, 24 people",
        REPORTED,
    ),
    Figure(
        "The intruder is found among six, hand-labelled concepts",
        "intruder",
        "choice_accuracy",
        "choice_accuracy",
        0.97,
        "14.6 ± 0.7 of 15, 24 people",
        REPORTED,
        caution="the published concepts were labelled by hand",
    ),
    Figure(
        "The concept's row is chosen, not the random one",
        "coherency",
        "choice_accuracy",
        "choice_accuracy",
        0.956,
        "14.3 ± 1.0 of 15, 30 people",
        REPORTED,
    ),
    Figure(
        "The most frequent word for a concept",
        "coherency",
        "word_agreement",
        "top_word_share",
        0.56,
        _WORDS,
        REPORTED,
    ),
    Figure(
        "One of the two most frequent words",
        "coherency",
        "word_agreement",
        "top_two_words_share",
        0.77,
        _WORDS,
        REPORTED,
    ),
)

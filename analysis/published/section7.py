"""The user study of the survey "Explaining Deep Face Algorithms through Visualization", Section 7.

The paper gives orderings, no percentages: of 101 participants 48.5 % were deep-learning
practitioners and 35.6 % had used or implemented explainability. "Most respondents preferred
saliency maps, except those who have used or implemented explainability algorithms. In most cases,
people preferred feature inversion over feature visualization. The group that consisted of people
who had implemented both deep learning and explainability algorithms preferred feature
visualization over saliency maps."
"""

from __future__ import annotations

from analysis.claims import Claim

SOURCE = "Explaining Deep Face Algorithms through Visualization: A Survey, Section 7 and Fig. 18"
OPTIONS = ("saliency", "inversion", "visualization")

_OTHERS = ("inversion", "visualization")
_NEVER = {"explainability": "never"}
_AWARE = {"explainability": "aware"}
_USER = {"explainability": "user"}
_BOTH = {"deep_learning": "practitioner", "explainability": "user"}

CLAIMS = (
    Claim("Most people prefer saliency", ("saliency",), _OTHERS, {}),
    Claim("Who never heard of explainability prefers saliency", ("saliency",), _OTHERS, _NEVER),
    Claim("Who sees the need but never used it prefers saliency", ("saliency",), _OTHERS, _AWARE),
    Claim(
        "Who used or implemented explainability prefers something else to saliency",
        _OTHERS,
        ("saliency",),
        _USER,
        "any",
    ),
    Claim("Most people prefer inversion to visualization", ("inversion",), ("visualization",), {}),
    Claim(
        "Who implemented deep learning and explainability prefers visualization to saliency",
        ("visualization",),
        ("saliency",),
        _BOTH,
    ),
)

"""The scale that an explanation speaks about."""

from __future__ import annotations

from explainers.explanation import Explainer
from explainers.target import Scale, Target, on_scale

OWN = "own"


def own_scale(target: Target, explainer: Explainer, of: str) -> Target:
    """The target on the scale ``of``; ``own`` is that of the explainer's field ``of``.

    Explainers without that field work with logits, as gradients and relevance do.

    Example:
        >>> from explainers.saliency.occlusion import Occlusion
        >>> from explainers.targets.class_score import ClassScore
        >>> own_scale(ClassScore("happy", of="logit"), Occlusion(), "own").of
        'probability'
    """
    scale: Scale = getattr(explainer, "of", "logit") if of == OWN else of  # type: ignore[assignment]
    return on_scale(target, scale)

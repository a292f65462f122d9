"""DeepLIFT: what each pixel adds to the difference between the face and an empty picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from explainers.explanation import Explanation, Progress
from explainers.face import Face
from explainers.face_model import FaceModel
from explainers.parameter_checks import Checks
from explainers.saliency._backward import backward, picture
from explainers.saliency._baseline import BASELINES, Baseline, baseline_picture
from explainers.saliency._reference import Reference
from explainers.target import Target, on_scale


@dataclass(frozen=True)
class DeepLift:
    """DeepLIFT with the rescale rule: differences from a baseline, shared out layer by layer.

    Source: Shrikumar, Greenside & Kundaje, Learning Important Features Through Propagating
    Activation Differences (2017), Sections 3.2 and 3.5.1; survey, Section 2.2.
    Formula: ``H = sum_c m_c (x_c - x0_c)`` over the colours ``c``. The multipliers ``m`` go
    backward like a gradient, but through a nonlinearity ``z = g(a)`` with the slope
    ``(z - z0) / (a - a0)`` of its difference in place of ``g'(a)``. A maximum hands its difference
    to the place of the larger of the two; products, softmax and vectors brought to unit length
    share theirs so that it is used up. So the map sums to ``f(x) - f(x0)`` (completeness).

    Arguments:
        baseline: the picture ``x0``: ``black``, ``gray`` (0.5), the picture's ``mean`` colour, or
            the picture out of focus (``blur``).

    Returns: [S, S], in the unit of the target. Classes are explained by their logit. The checks
    hold the target's ``score``, that of the baseline (``baseline_score``), and
    ``completeness_gap``: their difference less the map's sum. It is far from 0 only where a network
    combines numbers in a way that has no rule here, such as attention, layer normalisation or a
    quotient.
    Errors: Problems for a network that lets no gradient through, or computes other things for the
    baseline than for the face.

    Example:
        >>> from explainers.faces.face_bank import load_faces
        >>> from explainers.models import expression
        >>> from explainers.targets.class_score import ClassScore
        >>> (face,) = load_faces("rendered", None, ["f01"])
        >>> explanation = DeepLift()(expression.load(), face, ClassScore("happy"))
        >>> abs(explanation.checks["completeness_gap"]) < 0.001
        True
    """

    per: ClassVar[str] = "face"
    kind: ClassVar[str] = "signed"

    baseline: Baseline = "black"

    def __post_init__(self) -> None:
        checks = Checks(self, "deep_lift")
        checks.choice("baseline", BASELINES)
        checks.done()

    def __call__(
        self,
        model: FaceModel,
        face: Face | None,
        target: Target,
        *,
        progress: Progress | None = None,
    ) -> Explanation:
        """Each pixel's part in what the picture has over the baseline, [S, S]."""
        x = picture(model, face, "deep_lift")
        start = baseline_picture(x, self.baseline)
        scaled = on_scale(target, "logit")
        reference = Reference(f"model {model.name}")
        baseline_scores = reference.record(lambda x: scaled(model, x), start, model.network)
        with reference.used_up():
            scores, multipliers = backward(model, scaled, x, "deep_lift", reference.compared())
        if progress is not None:
            progress(1, 1)
        values = ((x - start) * multipliers)[0].sum(0)
        score, baseline_score = float(scores[0]), float(baseline_scores[0])
        checks = {
            "score": score,
            "baseline_score": baseline_score,
            "completeness_gap": score - baseline_score - float(values.double().sum()),
        }
        return Explanation(values.cpu().numpy(), "signed", checks)

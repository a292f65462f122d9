"""What guided backpropagation and the deconvnet share: another way back through every ReLU."""

from __future__ import annotations

from explainers.backward_rules import BackwardRules, Rule
from explainers.explanation import Explanation, Kind, Progress
from explainers.face import Face
from explainers.face_model import FaceModel
from explainers.problems import Problems
from explainers.saliency._backward import Colours, backward, one_value, picture
from explainers.target import Target, on_scale


def rectified(
    model: FaceModel,
    face: Face | None,
    target: Target,
    rule: Rule,
    colours: Colours,
    method: str,
    progress: Progress | None,
) -> Explanation:
    """What arrives at the picture when ReLUs hand back their signal by ``rule``.

    Errors: Problems for a network without ReLU.
    """
    rules = BackwardRules(rectifier=rule)
    x = picture(model, face, method)
    scores, arrived = backward(model, on_scale(target, "logit"), x, method, rules)
    if not rules.calls:
        raise Problems.one(
            f"model {model.name}",
            f"has no ReLU, so {method} would be the plain gradient",
            "use gradient, or integrated_gradients",
        )
    if progress is not None:
        progress(1, 1)
    checks = {"score": float(scores[0]), "relus": rules.calls["rectifier"]}
    kind: Kind = "signed" if colours == "sum" else "unsigned"
    return Explanation(one_value(arrived[0], colours).cpu().numpy(), kind, checks)

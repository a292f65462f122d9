"""Layer-wise relevance propagation: the prediction shared out among the pixels, layer by layer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, get_args

import torch
from torch import Tensor

from explainers.explanation import Explanation, Progress
from explainers.face import Face
from explainers.face_model import FaceModel
from explainers.parameter_checks import Checks
from explainers.problems import Problems
from explainers.saliency._backward import backward, picture
from explainers.saliency._relevance import First, Relevance, RuleName
from explainers.target import Target, on_scale


@dataclass(frozen=True)
class Lrp:
    """Layer-wise relevance propagation (LRP): the score, shared out layer by layer.

    Source: Bach et al., On Pixel-Wise Explanations (2015); Montavon et al., Layer-Wise Relevance
    Propagation: An Overview (2019), for gamma, box and composite; survey, Section 2.2.
    Formula: a unit ``z_j = sum_i a_i w_ij + b_j`` shares its relevance ``R_j`` among its inputs,
    ``R_i = sum_j s_ij R_j``, with the contributions ``a_i w_ij`` and what they sum to over ``i``:

    - epsilon: ``s_ij = a_i w_ij / (z_j + e)`` with ``e`` of the sign of ``z_j`` and the size
      ``epsilon`` times the layer's root mean square; with ``epsilon: 0`` it is LRP-0;
    - gamma: contributions of the sign of ``z_j`` count ``1 + gamma`` times;
    - alpha_beta: ``alpha`` times the share among contributions of the sign of ``z_j``, less
      ``alpha - 1`` times the share among the others (where there are any);
    - composite: gamma in convolutions, epsilon in linear layers.

    In the last two the contributions' signs count, not the weights', so that negative inputs (after
    a residual sum, or between two layers without ReLU) are served too. Sums, means, maxima (to the
    winner), ReLUs and padding hand relevance on in proportion; other nonlinearities by the slope
    from 0; of a product each factor gets half; a vector's length counts as a constant.

    The first layer sees pixels, which have no natural zero: black is as much a colour as white, and
    what the network subtracts from a picture makes some inputs negative. Hence ``first``:

    - box: ``s_ij`` in proportion to ``a_i w_ij - l_i w+_ij - h_i w-_ij``, how far the input lies
      from the colour that speaks most against the unit; ``l`` and ``h`` are the inputs of the layer
      for a black and a white picture. Preprocessing cancels out of it;
    - flat: the same share for every input of the unit; finds where, not what;
    - same: the rule of the other layers; ``a w`` of preprocessed colours, of which the subtracted
      mean takes its part.

    Biases, and the epsilon rule's ``e``, absorb relevance: ``score = relevance + absorbed``.

    Arguments:
        rule: how layers share relevance.
        gamma: 0 is LRP-0; a large one leaves only contributions of the sign of ``z_j``.
        epsilon: as a fraction of the layer's root mean square.
        alpha: at least 1; 1 shows contributions of the unit's own sign alone. More magnifies small
            contributions, beyond measure in networks whose residual sums cancel out: watch
            ``absorbed``.
        first: how the first layer shares it.

    Returns: [S, S], the sum over colours, in the unit of the target. Classes are explained by their
    logit. The checks hold the target's ``score``, the ``relevance`` that arrives, what was
    ``absorbed`` on the way, and ``conservation_gap``: the score less both. It is far from 0 only
    where a network combines numbers in a way that has no rule here, such as attention, layer
    normalisation or a quotient.
    Errors: Problems for a network without convolutions or linear layers that could be seen, or one
    that lets no gradient through.

    Example:
        >>> from explainers.faces.face_bank import load_faces
        >>> from explainers.models import expression
        >>> from explainers.targets.class_score import ClassScore
        >>> (face,) = load_faces("rendered", None, ["f01"])
        >>> explanation = Lrp()(expression.load(), face, ClassScore("happy"))
        >>> abs(explanation.checks["conservation_gap"]) < 0.001
        True
    """

    per: ClassVar[str] = "face"
    kind: ClassVar[str] = "signed"

    rule: RuleName = "composite"
    gamma: float = 0.25
    epsilon: float = 0.01
    alpha: float = 1.0
    first: First = "box"

    def __post_init__(self) -> None:
        checks = Checks(self, "lrp")
        checks.choice("rule", get_args(RuleName))
        checks.number("gamma", 0.0)
        checks.number("epsilon", 0.0)
        checks.number("alpha", 1.0)
        checks.choice("first", get_args(First))
        checks.done()

    def __call__(
        self,
        model: FaceModel,
        face: Face | None,
        target: Target,
        *,
        progress: Progress | None = None,
    ) -> Explanation:
        """Each pixel's share of the target, [S, S]."""
        x = picture(model, face, "lrp")
        scaled = on_scale(target, "logit")
        relevance = Relevance(self.rule, self.gamma, self.epsilon, self.alpha, self.first)

        def run(model: FaceModel, x: Tensor) -> Tensor:
            relevance.see_first_layer(model.network, x[1:])
            return scaled(model, x[:1])

        # The box rule shares out over a black and a white picture too, hence the sum over three.
        pictures = torch.cat([x, torch.zeros_like(x), torch.ones_like(x)])
        scores, c = backward(model, run, pictures, "lrp", relevance.rules)
        if not relevance.rules.calls["affine"]:
            raise Problems.one(
                f"model {model.name}",
                "has no convolution or linear layer that lrp could see",
                "use integrated_gradients or occlusion",
            )
        if progress is not None:
            progress(1, 1)
        values = (pictures * c).sum((0, 1))
        score, arrived = float(scores[0]), float(values.double().sum())
        checks = {
            "score": score,
            "relevance": arrived,
            "absorbed": relevance.absorbed,
            "conservation_gap": score - arrived - relevance.absorbed,
        }
        return Explanation(values.cpu().numpy(), "signed", checks)

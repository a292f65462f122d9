"""Random pieces of real faces in a shipped network pass for concepts at the nominal rate."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from scipy import stats

from explainers.concept_finding.importance import ConceptTest
from explainers.concept_finding.layer_features import as_batch, gradients
from explainers.concept_finding.members import members
from explainers.concept_finding.pieces import chips_of, places_of, see
from explainers.faces.face_bank import load_faces
from explainers.models import expression

LAYER, SIZE, SETS = "dense1", 8, 30


def test_random_pieces_of_a_class_pass_for_concepts_at_the_nominal_rate() -> None:
    """Controls are pieces of the class; they are compared with random pieces of all faces."""
    model = expression.load()
    faces = {face.id: face for face in load_faces("rendered", Path())}
    chips = chips_of(model, faces)
    places = places_of(faces, chips, (8,), model.chip_padding, "head")
    pieces = see(model, chips, places, LAYER, "in_place", 32, None)
    alarms = []
    for label, names in members(model, chips, (), 3).items():
        steepest = gradients(model, as_batch([chips[name] for name in names]), LAYER, label)
        of_class = np.flatnonzero(np.isin(pieces.faces, names))
        for seed in range(2):
            rng = np.random.default_rng([seed, model.index(label)])
            test = ConceptTest(pieces.features, counterparts=2, null=20, seed=seed)
            for _ in range(SETS // 2):
                rows = rng.choice(of_class, SIZE, replace=False)
                alarms.append(test.importance(pieces.features[rows], steepest).p < 0.05)
    low, high = stats.binom.interval(0.999, len(alarms), 0.05)
    assert low <= sum(alarms) <= high

"""What a network knows of a face, beyond single pictures: one file is one way to find concepts.

Section 5 of the survey. A finder is a frozen dataclass of its parameters, named after its file
(`ace.py` holds `Ace`), with

    __call__(model: FaceModel, faces: Mapping[str, Face], seed: int) -> Discovery

see `explainers.concept_finding.discovery`. Its ``files``, if it has any, are the parameters that
name a file or folder of the study, so that a build sees when one has changed.
"""

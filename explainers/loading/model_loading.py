"""From what a study file says about a model to the model."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import nn

from explainers import catalog
from explainers.face_model import FaceModel
from explainers.hooks import middle_layer
from explainers.loading.vgg16_loading import load_vgg16
from explainers.networks.layers import Standardise
from explainers.problems import Problem, Problems, suggest
from explainers.user_code import importable, told

OWN = ("labels", "input_size", "mean", "std", "weights")
"""Keys that describe the user's own network."""


def load_model(spec: str | Mapping[str, Any], folder: Path, name: str = "") -> FaceModel:
    """The model that ``spec`` describes.

    Arguments:
        spec: a shipped model's name, the user's function as ``package.module:function``, or the
            keys of a study file: ``use`` (one of these), or ``arch: vgg16`` with ``weights``,
            ``labels`` and, unless they are torchvision's usual ones, ``input_size``, ``mean`` and
            ``std``. Other keys (``ask``, ``say``) are not looked at.
        folder: the study's folder: weights are relative to it, and modules are found in it.
        name: what the study calls the model; a shipped model's own name when empty.

    A user's function takes nothing and returns a ``FaceModel``, or a torch module that takes
    [N, 3, S, S], with ``labels`` and ``input_size`` beside ``use``; ``mean`` and ``std`` when it
    wants standardised colours, else it gets RGB in [0, 1].

    Errors: Problems with everything that is wrong in the keys, the file or the network.

    Example:
        >>> load_model("gender", Path()).labels
        ('male', 'female')
    """
    keys = (
        {"use": spec} if isinstance(spec, str) else {k: v for k, v in spec.items() if v is not None}
    )
    use, arch = keys.get("use"), keys.get("arch")
    title = name or str(use or arch or "")
    where = f"models.{title}"
    if (use is None) == (arch is None):
        raise Problems.one(
            where, "needs either 'use' or 'arch'", "write use: age, or arch: vgg16 with weights"
        )
    if arch is not None:
        return _load_architecture(str(arch), keys, folder, title)
    if catalog.is_import_path(str(use)):
        return _load_own(str(use), keys, folder, name or str(use).partition(":")[2])
    return _load_shipped(str(use), keys, name)


def _load_shipped(use: str, keys: Mapping[str, Any], name: str) -> FaceModel:
    entry = next((entry for entry in catalog.entries("models") if entry.name == use), None)
    if entry is None:
        fix = suggest(use, catalog.names("models"), "`whyface list models` shows all.")
        raise Problems.one(f"models.{name or use}.use", f"unknown model '{use}'", fix)
    foreign = [key for key in OWN if key in keys]
    if foreign:
        raise Problems(
            Problem(
                f"models.{name or use}.{key}",
                f"cannot be changed for the shipped model '{use}'",
                "leave it out, or bring your own network",
            )
            for key in foreign
        )
    model: FaceModel = entry.load().load()
    return replace(model, name=name) if name else model


def _load_architecture(arch: str, keys: Mapping[str, Any], folder: Path, name: str) -> FaceModel:
    where = f"models.{name}"
    problems = []
    if arch != "vgg16":
        fix = suggest(arch, ["vgg16"], "Others come as your own code: use: mynets:load")
        problems.append(Problem(f"{where}.arch", f"unknown architecture '{arch}'", fix))
    problems += [
        Problem(where, f"needs '{key}'", f"write {key}: {example}")
        for key, example in (("weights", "face_vgg16.safetensors"), ("labels", "[young, old]"))
        if key not in keys
    ]
    if problems:
        raise Problems(problems)
    options = {key: keys[key] for key in ("input_size", "mean", "std") if key in keys}
    return load_vgg16(name, folder / str(keys["weights"]), _texts(keys["labels"]), **options)


def _load_own(use: str, keys: Mapping[str, Any], folder: Path, name: str) -> FaceModel:
    where = f"models.{name}"
    made = _call(use, folder, f"{where}.use")
    if isinstance(made, FaceModel):
        return replace(made, name=name)
    if not isinstance(made, nn.Module):
        kind = type(made).__name__
        raise Problems.one(
            f"{where}.use", f"{use} returns {kind}", "return a torch module or a FaceModel"
        )
    missing = [key for key in ("labels", "input_size") if key not in keys]
    if missing:
        raise Problems(
            Problem(
                where, f"needs '{key}', because {use} returns a bare torch module", f"write {key}"
            )
            for key in missing
        )
    if "mean" in keys or "std" in keys:
        mean, std = keys.get("mean", (0, 0, 0)), keys.get("std", (1, 1, 1))
        standardise = Standardise([255 * m for m in mean], [255 * s for s in std])
        made = nn.Sequential(OrderedDict(standardise=standardise, network=made))
    made.eval()
    size = int(keys["input_size"])
    return FaceModel(
        name=name,
        task=name,
        network=made,
        labels=_texts(keys["labels"]),
        input_size=size,
        chip_padding=0.25,
        layer=middle_layer(made, torch.zeros(1, 3, size, size)),
        weights_sha256=state_sha256(made),
        licence="",
        source=use,
    )


def _call(use: str, folder: Path, where: str) -> Any:
    """What the user's function returns; its module is looked for in ``folder`` first."""
    with importable(folder):  # for what the function imports when it runs
        try:
            make = catalog.load(use, folder)
        except Problems as error:
            raise Problems(Problem(where, p.what, p.fix) for p in error.problems) from None
        if not callable(make):
            raise Problems.one(where, f"{use} is no function", "name one that returns the model")
        with told(where):
            return make()


def state_sha256(network: nn.Module) -> str:
    """A hash of all weights by name, for networks that do not come from one file."""
    digest = hashlib.sha256()
    for name, tensor in sorted(network.state_dict().items()):
        digest.update(f"{name} {tensor.dtype} {list(tensor.shape)}".encode())
        digest.update(tensor.detach().cpu().contiguous().view(-1).numpy().tobytes())
    return digest.hexdigest()


def _texts(labels: Sequence[Any]) -> tuple[str, ...]:
    return tuple(str(label) for label in labels)

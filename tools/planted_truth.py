"""Measures every saliency method where the right answer is known, and prints tables in Markdown.

Run: python tools/planted_truth.py --cases 12 --samples 500
Sets: `mark`, a small network for which only a mark on the mouth can matter; `expression`, `gender`
and `age`, faces that the network classifies otherwise with one part of another person;
`recognition`, probes that it tells from their inpainted twins.
Gain is how many times denser positive saliency is in the region than on average. A method has
found it when the interval of its gain (bootstrap over cases) lies above 1 and above the gain of a
map that only knows where the middle of the picture is.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from explainers import catalog
from explainers.faces.face_bank import load_faces
from explainers.faithfulness.planted import (
    Case,
    Finding,
    inpainted_cases,
    marked_cases,
    swapped_cases,
)
from explainers.faithfulness.planted_methods import CentreMap, RandomMap, findings, interval, sized
from explainers.figures.render import render
from explainers.problems import Problems

SIDE = 160
RANDOM, CENTRE = "(random map)", "(centre of the picture)"
SETS = ("mark", "expression", "gender", "age", "recognition")


def cases(kind: str, count: int) -> list[Case]:
    """The planted cases of one set."""
    if kind == "mark":
        return list(marked_cases(count))
    (entry,) = [entry for entry in catalog.entries("models") if entry.name == kind]
    plant = inpainted_cases if kind == "recognition" else swapped_cases
    return list(plant(entry.load().load(), load_faces("rendered", Path()), count=count))


def measure(some: list[Case], names: list[str], samples: int) -> Iterator[tuple[str, object]]:
    """For each method its findings and seconds, or the reason why there are none."""
    size = some[0].model.input_size
    yield RANDOM, (findings(RandomMap(), some), 0.0)
    yield CENTRE, (findings(CentreMap(), some), 0.0)
    for name in names:
        begin = time.perf_counter()
        try:
            found = findings(sized(catalog.find(name), size, samples), some)
        except Problems as error:
            problem = error.problems[0]
            yield name, f"{problem.what}; {problem.fix}" if problem.fix else problem.what
        else:
            yield name, (found, (time.perf_counter() - begin) / len(some))
        print(f"{name}: {time.perf_counter() - begin:.0f} s", file=sys.stderr, flush=True)


def gains(found: list[Finding]) -> list[float]:
    """How many times denser the saliency is in the region, for each case."""
    return [one.gain for one in found]


def table(
    kind: str, some: list[Case], results: dict[str, object], pair: list[str]
) -> Iterator[str]:
    """One set's table, best method first; then who cannot serve, and the compared pair."""
    parts = " ".join(f"{p} {sum(c.name == p for c in some)}" for p in {c.name: 0 for c in some})
    area = np.mean([case.region.mean() for case in some])
    yield f"### {kind}: {len(some)} cases ({parts}), region {area:.1%} of the picture"
    yield ""
    yield "| method | hits | gain (95 % interval) | found | s each |"
    yield "|---|---|---|---|---|"
    measured = {name: r for name, r in results.items() if isinstance(r, tuple)}
    chance = max(1.0, float(np.mean(gains(measured[CENTRE][0]))))
    for name, (found, seconds) in sorted(measured.items(), key=lambda r: -np.mean(gains(r[1][0]))):
        low, high = interval(gains(found))
        hits = np.mean([one.hit for one in found])
        verdict = "" if name in (RANDOM, CENTRE) else "yes" if low > chance else "**no**"
        gain = f"{np.mean(gains(found)):.1f} ({low:.1f}–{high:.1f})"
        yield f"| {name} | {hits:.0%} | {gain} | {verdict} | {seconds:.1f} |"
    yield ""
    for name, reason in results.items():
        if isinstance(reason, str):
            yield f"- `{name}` cannot serve: {reason}"
    if all(name in measured for name in pair):
        first, second = (gains(measured[name][0]) for name in pair)
        differences = [a - b for a, b in zip(first, second, strict=True)]
        low, high = interval(differences)
        better = sum(difference > 0 for difference in differences)
        yield (
            f"- `{pair[0]}` against `{pair[1]}`: better in {better} of {len(some)} cases, gain "
            f"{np.mean(differences):+.1f} ({low:+.1f} to {high:+.1f})"
        )
    yield ""


def sheet(some: list[Case], names: list[str], samples: int) -> Image.Image:
    """A row for each case: the picture before and after the change, and the maps of the methods."""
    size = some[0].model.input_size
    explainers = [sized(catalog.find(name), size, samples) for name in names]
    rows = []
    for case in some:
        after, before = case.model.prepare([case.face, case.other]).cpu().numpy()
        row = []
        for picture in (before, after):
            pixels = np.rint(picture.transpose(1, 2, 0) * 255).astype(np.uint8)
            row.append(np.asarray(Image.fromarray(pixels).resize((SIDE, SIDE))))
        for explainer in explainers:
            chosen = case.target(getattr(explainer, "targets", ()))
            if chosen is not None:
                explanation = explainer(case.model, case.face, chosen[1])
                row.append(render(explanation, after, size=SIDE))
        rows.append(np.concatenate(row, axis=1))
    return Image.fromarray(np.concatenate(rows))


def main() -> None:
    """Print the tables."""
    every = [entry.name for entry in catalog.entries("saliency") if entry.is_explainer]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", nargs="+", default=list(SETS), choices=SETS)
    parser.add_argument("--methods", nargs="+", default=every, choices=every)
    parser.add_argument("--cases", type=int, default=12)
    parser.add_argument("--samples", type=int, default=500, help="the most random samples")
    parser.add_argument("--compare", nargs=2, default=["occlusion", "grad_cam"])
    parser.add_argument("--sheet", type=Path, help="draw the methods' maps of the last set here")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    for kind in options.sets:
        some = cases(kind, options.cases)
        results = dict(measure(some, options.methods, options.samples))
        print("\n".join(table(kind, some, results, options.compare)), flush=True)
    if options.sheet:
        sheet(some, options.methods, options.samples).save(options.sheet, optimize=True)


if __name__ == "__main__":
    main()

"""All pictures of a study on one sheet, labelled, for the researcher to look at."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from explainers.building.cache import write_whole
from explainers.building.pictures import png_bytes
from explainers.manifest import Manifest, Prediction

FILE = "contact_sheet.png"
SIDE = 160
GAP = 6
LABEL = 190
INK = (30, 30, 30)
PAPER = (255, 255, 255)


def contact_sheet(manifest: Manifest, folder: Path) -> Image.Image:
    """A row for each model and face, with the face and every family of explanations.

    Arguments:
        manifest: of the built study.
        folder: where its PNG files are.
    """
    families = list(dict.fromkeys(s.family for s in manifest.stimuli if s.family))
    wide = max((_width(manifest, p) for p in manifest.predictions), default=SIDE)
    lefts = [LABEL, *(LABEL + wide + GAP + n * (SIDE + GAP) for n in range(len(families)))]
    width = LABEL + wide + (SIDE + GAP) * len(families) + 2 * GAP
    head = 30
    height = head + (SIDE + GAP) * len(manifest.predictions) + GAP
    sheet = Image.new("RGB", (width, height), PAPER)
    draw = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(14)
    for column, title in enumerate(["face", *families]):
        draw.text((lefts[column], 8), title, INK, font)
    for row, prediction in enumerate(manifest.predictions):
        top = head + row * (SIDE + GAP)
        draw.multiline_text((GAP, top + SIDE // 3), _label(prediction), INK, font)
        for column, name in enumerate(_files(manifest, families, prediction)):
            with Image.open(folder / name) as picture:
                size = (SIDE if column else _width(manifest, prediction), SIDE)
                small = picture.convert("RGB").resize(size, Image.Resampling.LANCZOS)
            sheet.paste(small, (lefts[column], top))
    return sheet


def save_contact_sheet(manifest: Manifest, folder: Path) -> Path:
    """Write ``folder/contact_sheet.png``."""
    path = folder / FILE
    write_whole(path, png_bytes(contact_sheet(manifest, folder)))
    return path


def _files(manifest: Manifest, families: list[str], prediction: Prediction) -> list[str]:
    model, face, label = prediction.model, prediction.face, prediction.label
    explained = [manifest.explanation(family, model, face, label).file for family in families]
    return [manifest.picture(model, face).file, *explained]


def _width(manifest: Manifest, prediction: Prediction) -> int:
    """How wide the picture of a question is on the sheet: two faces take more room."""
    picture = manifest.picture(prediction.model, prediction.face)
    return round(SIDE * picture.width / picture.height) if prediction.compared else SIDE


def _label(prediction: Prediction) -> str:
    if prediction.probability is None:
        cosine = "" if prediction.value is None else f"\ncosine {prediction.value:.2f}"
        both = f"{prediction.face} and {prediction.compared}"
        return f"{prediction.model}, {both}\n{prediction.label}{cosine}"
    value = "" if prediction.value is None else f" ({prediction.value:.0f})"
    return (
        f"{prediction.model}, {prediction.face}\n"
        f"{prediction.label}{value}\n"
        f"probability {prediction.probability:.2f}"
    )

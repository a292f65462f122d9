"""All pictures of a study on one sheet, labelled, for the researcher to look at."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from explainers.cache import write_whole
from explainers.manifest import Manifest, Prediction
from explainers.pictures import png_bytes

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
    width = LABEL + (SIDE + GAP) * (1 + len(families)) + GAP
    head = 30
    height = head + (SIDE + GAP) * len(manifest.predictions) + GAP
    sheet = Image.new("RGB", (width, height), PAPER)
    draw = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(14)
    for column, title in enumerate(["face", *families]):
        draw.text((LABEL + column * (SIDE + GAP), 8), title, INK, font)
    for row, prediction in enumerate(manifest.predictions):
        top = head + row * (SIDE + GAP)
        draw.multiline_text((GAP, top + SIDE // 3), _label(prediction), INK, font)
        for column, name in enumerate(_files(manifest, families, prediction)):
            with Image.open(folder / name) as picture:
                small = picture.convert("RGB").resize((SIDE, SIDE), Image.Resampling.LANCZOS)
            sheet.paste(small, (LABEL + column * (SIDE + GAP), top))
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


def _label(prediction: Prediction) -> str:
    value = "" if prediction.value is None else f" ({prediction.value:.0f})"
    return (
        f"{prediction.model}, {prediction.face}\n"
        f"{prediction.label}{value}\n"
        f"probability {prediction.probability:.2f}"
    )

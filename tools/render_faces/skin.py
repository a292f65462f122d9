"""The skin: a subsurface-scattering shader with blush, lips, wrinkles, stubble and scalp shade."""

from __future__ import annotations

from pathlib import Path

import bpy
import numpy as np
from nodes import Graph, principled

INSIDE_MOUTH = (0.20, 0.045, 0.045)


def skin(face: dict, textures: Path, hair: tuple[float, float, float]):
    """The skin's material for a face of the specification and its hair colour (linear RGB)."""
    g = Graph("skin")
    tone = np.array(face["tone"])
    old = float(np.clip((face["age"] - 35) / 38, 0, 1))
    male, makeup = float(face["gender"] == "male"), face["makeup"]
    dark = tone.mean() < 0.30
    place = g.position()
    uv = g.node("ShaderNodeUVMap").outputs[0]

    def tint(*factors: float) -> tuple[float, float, float]:
        return tuple(np.clip(tone * np.array(factors), 0, 1))

    def texture(name: str):
        image = bpy.data.images.load(str(textures / name), check_existing=True)
        image.colorspace_settings.name = "Non-Color"
        node = g.node("ShaderNodeTexImage", image=image, Vector=uv)
        return g.node("ShaderNodeSeparateColor", Color=node.outputs[0]).outputs[0]

    def lines(scale: tuple[float, float, float], detail: float):
        noise = g.noise(g.stretched(place, scale), 1.0, detail, 0.55)
        return g.math("ABSOLUTE", g.math("SUBTRACT", noise, 0.5))

    forehead_lines, crow_lines = lines((14, 14, 170), 4.0), lines((70, 70, 260), 3.0)
    lips = texture("mpfb_lips.jpg")

    colour = g.mix(g.noise(place, 60, 6, 0.7), tint(0.90, 0.89, 0.88), tint(1.08, 1.08, 1.08))
    red = tint(1.10, 0.85, 0.80) if dark else tint(1.05, 0.74, 0.69)
    colour = g.mix(g.times(g.attribute("blush"), 0.55), colour, red)
    spots = g.ramp(g.noise(place, 140, 3, 0.5), 0.60 - 0.03 * old, 0.74)
    colour = g.mix(g.times(spots, 0.16 + 0.38 * old), colour, tint(0.74, 0.62, 0.54))
    colour = g.mix(g.times(g.attribute("fold"), 0.45 * old), colour, tint(0.64, 0.50, 0.47))
    if old > 0.15:
        creases = g.times(g.math("SUBTRACT", 0.16, forehead_lines), 3.0 * old)
        colour = g.mix(g.times(creases, g.attribute("fore")), colour, tint(0.68, 0.55, 0.50))
    colour = g.mix(g.times(g.attribute("under"), 0.22 + 0.28 * old), colour, tint(0.78, 0.66, 0.68))
    lip = np.array(tint(1.10, 0.74, 0.76) if dark else tint(0.86, 0.52, 0.51))
    lip = tuple(lip * (1 - makeup) + np.array([0.42, 0.06, 0.08]) * makeup)
    colour = g.mix(g.times(lips, 0.5 + 0.28 * (1 - male) + 0.2 * makeup), colour, lip)
    lids = g.times(texture("mpfb_eyelids.jpg"), 0.2 + 0.5 * makeup)
    colour = g.mix(lids, colour, tint(0.72, 0.55, 0.52))
    colour = g.mix(texture("mpfb_inside-mouth.jpg"), colour, INSIDE_MOUTH)
    stubble = face.get("stubble", 0.25 if male else 0.0)
    shade = tuple(0.55 * np.array(hair) + 0.45 * np.array(tint(0.5, 0.52, 0.55)))
    colour = g.mix(g.times(g.attribute("stub"), stubble), colour, shade)
    under_hair = tuple(0.6 * np.array(hair) + 0.4 * np.array(tint(0.55, 0.5, 0.48)))
    colour = g.mix(g.times(g.attribute("scalp"), face.get("shade", 0.75)), colour, under_hair)

    rough = g.mix(lips, (0.50, 0.50, 0.50), (0.34, 0.34, 0.34))
    shader = principled(
        g, colour, rough, Subsurface_Weight=0.85, Subsurface_Radius=(1.0, 0.35, 0.18),
        Subsurface_Scale=0.0042, Specular_IOR_Level=0.42,
    )  # fmt: skip
    pores = g.math("MULTIPLY", g.noise(place, 900, 3, 0.6), 0.22)
    wrinkles = g.math("MULTIPLY", forehead_lines, 2.0 * old)
    wrinkles = g.math("MULTIPLY", wrinkles, g.attribute("fore"))
    crow = g.math("MULTIPLY", g.math("MULTIPLY", crow_lines, g.attribute("crow")), 2.4 * old)
    crepe = g.math("MULTIPLY", g.noise(place, 230, 6, 0.75), 0.45 * old)
    folds = g.math("MULTIPLY", g.attribute("fold"), -1.4 * old)
    height = pores
    for part in (wrinkles, crow, crepe, folds):
        height = g.math("ADD", height, part)
    bump = g.node(
        "ShaderNodeBump", Strength=0.35 + 0.6 * old, Distance=0.0016 + 0.0020 * old, Height=height
    )
    g.put(shader.inputs["Normal"], bump.outputs[0])
    return g.finish(shader.outputs[0])

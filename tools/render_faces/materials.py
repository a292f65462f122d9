"""Eyes, hair, cloth, teeth: materials and their named colours (linear RGB)."""

from __future__ import annotations

import numpy as np
from nodes import Graph, principled

HAIR = {
    "black": (0.010, 0.008, 0.007),
    "dark brown": (0.030, 0.017, 0.010),
    "brown": (0.075, 0.038, 0.020),
    "light brown": (0.16, 0.090, 0.045),
    "blond": (0.38, 0.24, 0.11),
    "red": (0.22, 0.065, 0.022),
}
WHITE_HAIR = (0.60, 0.59, 0.57)
IRIS = {
    "brown": (0.11, 0.055, 0.028),
    "dark": (0.045, 0.024, 0.014),
    "hazel": (0.16, 0.11, 0.05),
    "blue": (0.14, 0.23, 0.34),
    "green": (0.13, 0.19, 0.11),
}


def hair_colour(face: dict) -> tuple[float, float, float]:
    """Colour of the hair, mixed with white by `gray` 0..1."""
    gray = face["gray"] ** 1.8  # linear light: a little white looks like much
    mixed = (1 - gray) * np.array(HAIR[face["hair_colour"]]) + gray * np.array(WHITE_HAIR)
    return tuple(float(channel) for channel in mixed)


def hair(name: str, colour: tuple[float, float, float], roughness: float = 0.34):
    """Hair fibres of one colour, a little varied from strand to strand."""
    g = Graph(name)
    info = g.node("ShaderNodeHairInfo")
    spread = g.math("ADD", 0.75, g.math("MULTIPLY", info.outputs["Random"], 0.5))
    varied = g.node("ShaderNodeVectorMath", operation="SCALE")
    varied.inputs[0].default_value = colour
    g.put(varied.inputs["Scale"], spread)
    shader = g.node("ShaderNodeBsdfHairPrincipled", model="CHIANG", parametrization="COLOR")
    g.put(shader.inputs["Color"], varied.outputs[0])
    shader.inputs["Roughness"].default_value = roughness
    shader.inputs["Radial Roughness"].default_value = 0.4
    return g.finish(shader.outputs[0])


def eye(name: str, pole: np.ndarray, iris_colour: tuple[float, float, float]):
    """An eyeball with pupil and iris around `pole`, a point on its front."""
    g = Graph(name)
    at = g.node("ShaderNodeTexCoord").outputs["Object"]
    away = g.node("ShaderNodeVectorMath", operation="DISTANCE")
    g.put(away.inputs[0], at)
    away.inputs[1].default_value = tuple(pole)
    away = away.outputs["Value"]
    base = np.array(iris_colour)
    iris = g.mix(g.noise(at, 900, 3), tuple(base * 0.5), tuple(np.clip(base * 1.5, 0, 1)))
    iris = g.mix(g.ramp(away, 0.0044, 0.0056), iris, tuple(base * 0.25))
    colour = g.mix(g.ramp(away, 0.0021, 0.0025), (0.004, 0.004, 0.004), iris)
    white = g.mix(g.noise(at, 300, 5), (0.74, 0.69, 0.66), (0.70, 0.60, 0.56))
    white = g.mix(g.ramp(away, 0.009, 0.0155), white, (0.56, 0.38, 0.34))
    colour = g.mix(g.ramp(away, 0.0055, 0.0062), colour, white)
    shader = principled(
        g, colour, 0.12, Specular_IOR_Level=0.35, Coat_Weight=0.3, Coat_Roughness=0.02
    )
    return g.finish(shader.outputs[0])


def plain(
    name: str,
    colour: tuple,
    roughness: float,
    subsurface: float = 0.0,
    alpha: float = 1.0,
    glow: float = 0.0,
):
    """One even material; `glow` stands for the light that few bounces fail to bring inside."""
    g = Graph(name)
    shader = principled(
        g,
        colour,
        roughness,
        Subsurface_Weight=subsurface,
        Subsurface_Scale=0.002,
        Alpha=alpha,
        Emission_Color=colour,
        Emission_Strength=glow,
    )
    return g.finish(shader.outputs[0])


def neckline(g: Graph, cut: str):
    """Metres below the edge of the cloth (negative above), smooth at any resolution."""
    axes = g.node("ShaderNodeSeparateXYZ")
    g.put(axes.inputs[0], g.position())
    across, back, up = (axes.outputs[k] for k in range(3))
    wide = g.math("ABSOLUTE", across)
    slope = {"crew": 0.62, "scoop": 0.80, "vee": 0.62}[cut]
    level = {"crew": 0.573, "scoop": 0.570, "vee": 0.563}[cut]
    edge = g.math("ADD", level, g.math("MULTIPLY", back, slope))
    if cut == "vee":
        edge = g.math("ADD", edge, g.math("MULTIPLY", wide, 0.55))
        edge = g.math("SUBTRACT", edge, 0.022)
    else:
        bend = g.math("MULTIPLY", g.math("MULTIPLY", wide, wide), 2.2 if cut == "scoop" else 0.6)
        edge = g.math("ADD", edge, bend)
    return g.math("SUBTRACT", edge, up)


def cloth(colour: tuple[float, float, float], cut: str):
    """A knitted shirt: transparent above its neckline, with a collar band along it."""
    g = Graph("cloth")
    below = neckline(g, cut)
    place = g.position()
    knit = g.noise(g.stretched(place, (1, 1, 2.2)), 620, 2)
    shade = g.mix(knit, tuple(np.array(colour) * 0.82), tuple(np.array(colour) * 1.12))
    band = g.ramp(below, 0.0105, 0.0095)
    shade = g.mix(g.times(band, 0.8), shade, tuple(np.array(colour) * 0.62))
    shader = principled(g, shade, 0.9, Specular_IOR_Level=0.15)
    seam = g.math("SUBTRACT", 1.0, g.times(g.ramp(below, 0.0085, 0.0095), band))
    bump = g.node("ShaderNodeBump", Strength=0.5, Distance=0.0008)
    g.put(bump.inputs["Height"], g.math("ADD", g.math("MULTIPLY", knit, 0.35), seam))
    g.put(shader.inputs["Normal"], bump.outputs[0])
    return g.finish(only_below(g, below, shader.outputs[0]))


def only_below(g: Graph, below, shader):
    """The shader where `below` is positive, nothing elsewhere."""
    clear = g.node("ShaderNodeBsdfTransparent")
    choose = g.node("ShaderNodeMixShader")
    g.put(choose.inputs[0], g.math("GREATER_THAN", below, 0.0))
    g.put(choose.inputs[1], clear.outputs[0])
    g.put(choose.inputs[2], shader)
    return choose.outputs[0]

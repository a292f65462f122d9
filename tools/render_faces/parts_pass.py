"""A second, exact rendering of the same scene that says which part each pixel shows.

Skin is painted with its place on the reference head (x, y, z; 1 is added to x for the lips, 2
for the ears); anything else with (10 + part id, 0, 0). The places become part ids, with smooth
borders, by the formulas of parts.py.
"""

from __future__ import annotations

import bpy
from materials import neckline, only_below
from nodes import Graph

FLAT = {"brow": 3, "eye": 4, "lash": 4, "upper-teeth": 7, "lower-teeth": 7, "tongue": 7,
        "hair": 11, "cloth": 12, "beard": 13}  # fmt: skip


def _paint(name: str, face: dict):
    g = Graph(f"part-{name}")
    light = g.node("ShaderNodeEmission")
    if name == "skin":
        axes = g.node("ShaderNodeSeparateXYZ")
        g.put(axes.inputs[0], g.position())
        joined = g.node("ShaderNodeCombineXYZ")
        g.put(joined.inputs[0], g.math("ADD", axes.outputs[0], g.attribute("kind")))
        g.put(joined.inputs[1], axes.outputs[1])
        g.put(joined.inputs[2], axes.outputs[2])
        g.put(light.inputs[0], joined.outputs[0])
    else:
        part = FLAT[name] if name in FLAT else FLAT[name.split("-")[0]]
        light.inputs[0].default_value = (10.0 + part, 0, 0, 1)
    shader = light.outputs[0]
    if name == "cloth":
        shader = only_below(g, neckline(g, face["neckline"]), shader)
    return g.finish(shader)


def prepare(scene, face: dict) -> None:
    """Repaint the scene; the next rendering gives float places and ids."""
    for item in list(bpy.data.objects):
        if item.type == "LIGHT":
            bpy.data.objects.remove(item)
        elif item.type in ("MESH", "CURVES"):
            item.data.materials.clear()
            item.data.materials.append(_paint(item.name, face))
    scene.world.node_tree.nodes["wall"].inputs[0].default_value = (10.0, 0, 0, 1)
    scene.view_settings.view_transform, scene.view_settings.exposure = "Raw", 0.0
    scene.cycles.samples, scene.cycles.use_denoising = 1, False
    scene.cycles.use_adaptive_sampling = False
    scene.cycles.pixel_filter_type, scene.cycles.filter_width = "BOX", 0.01
    scene.cycles.max_bounces = 0
    scene.render.image_settings.file_format = "OPEN_EXR"
    scene.render.image_settings.color_depth = "32"
    scene.render.image_settings.color_mode = "RGB"

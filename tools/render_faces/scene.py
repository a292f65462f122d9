"""Camera, light and the objects of one face."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import bpy
import materials
import mathutils
import numpy as np
from landmarks import CAMERA, DISTANCE, FIELD, turned
from skin import skin

# Lights: place, size, power, colour.
LIGHTS = {
    "front": [
        ((-0.55, -1.15, 1.15), 0.60, 12.0, (1.00, 0.97, 0.93)),
        ((0.90, -0.90, 0.75), 0.70, 4.5, (0.93, 0.96, 1.00)),
        ((0.30, 0.80, 1.30), 0.60, 4.0, (1.0, 1.0, 1.0)),
    ],
    "left": [
        ((-1.05, -0.85, 1.05), 0.60, 14.0, (1.00, 0.96, 0.91)),
        ((0.90, -1.00, 0.70), 0.90, 3.4, (0.92, 0.96, 1.00)),
        ((0.40, 0.80, 1.20), 0.60, 4.0, (1.0, 1.0, 1.0)),
    ],
    "right": [
        ((1.05, -0.85, 1.05), 0.60, 14.0, (1.00, 0.96, 0.91)),
        ((-0.90, -1.00, 0.70), 0.90, 3.4, (0.92, 0.96, 1.00)),
        ((-0.40, 0.80, 1.20), 0.60, 4.0, (1.0, 1.0, 1.0)),
    ],
}


@dataclass(frozen=True)
class Anatomy:
    """The shared mesh of geometry.py."""

    data: dict[str, np.ndarray]

    def quads(self, *groups: str) -> np.ndarray:
        """Which quads belong to some groups."""
        return np.isin(self.data["group"], groups)


def _mesh(name: str, points: np.ndarray, anatomy: Anatomy, chosen: np.ndarray, subdivide: int):
    """An object of the chosen quads with texture coordinates, masks and reference places."""
    data = anatomy.data
    quads = data["quads"][chosen]
    used, flat = np.unique(quads, return_inverse=True)
    mesh = bpy.data.meshes.new(name)
    mesh.vertices.add(len(used))
    mesh.vertices.foreach_set("co", points[used].astype("f").ravel())
    mesh.loops.add(quads.size)
    mesh.loops.foreach_set("vertex_index", flat.astype("i").ravel())
    mesh.polygons.add(len(quads))
    mesh.polygons.foreach_set("loop_start", np.arange(0, quads.size, 4, dtype="i"))
    mesh.update()
    layer = mesh.uv_layers.new(name="uv")
    layer.data.foreach_set("uv", data["uv"][data["quad_uv"][chosen]].astype("f").ravel())
    for key in [key for key in data if key.startswith("mask_")]:
        mask = mesh.attributes.new(key.removeprefix("mask_"), "FLOAT", "POINT")
        mask.data.foreach_set("value", data[key][used].astype("f"))
    place = mesh.attributes.new("place", "FLOAT_VECTOR", "POINT")
    place.data.foreach_set("vector", data["reference"][used].astype("f").ravel())
    kind = mesh.attributes.new("kind", "FLOAT", "FACE")
    kind.data.foreach_set("value", data["kind"][chosen].astype("f"))
    mesh.polygons.foreach_set("use_smooth", np.ones(len(quads), bool))
    made = bpy.data.objects.new(name, mesh)
    bpy.context.scene.collection.objects.link(made)
    if subdivide:
        modifier = made.modifiers.new("smooth", "SUBSURF")
        modifier.levels = modifier.render_levels = subdivide
    return made


def _curves(name: str, strands: np.ndarray, root: float, tip: float, material) -> None:
    if not len(strands):
        return
    curves = bpy.data.hair_curves.new(name)
    count, points = strands.shape[:2]
    curves.add_curves([points] * count)
    curves.attributes["position"].data.foreach_set("vector", strands.astype("f").ravel())
    radius = curves.attributes.new("radius", "FLOAT", "POINT")
    taper = np.interp(np.linspace(0, 1, points), [0, 0.6, 1], [root, 0.8 * root + 0.2 * tip, tip])
    radius.data.foreach_set("value", np.tile(taper, count).astype("f"))
    curves.materials.append(material)
    bpy.context.scene.collection.objects.link(bpy.data.objects.new(name, curves))


def _eyes(points: np.ndarray, anatomy: Anatomy, face: dict) -> None:
    for side in ("l", "r"):
        chosen = anatomy.quads(f"helper-{side}-eye")
        ball = points[np.unique(anatomy.data["quads"][chosen])]
        centre = ball.mean(0)
        forward = turned(np.array([[0.0, -1.0, 0.0]]), face["yaw"], face["pitch"])
        forward = forward - turned(np.zeros((1, 3)), face["yaw"], face["pitch"])
        gaze = forward[0] + np.array([-0.045 * np.sign(centre[0]), 0, 0])
        reach = np.linalg.norm(ball - centre, axis=1).max()
        pole = centre + gaze / np.linalg.norm(gaze) * reach * 0.95
        eyeball = _mesh(f"eye-{side}", points, anatomy, chosen, 2)
        colour = materials.IRIS[face["iris"]]
        eyeball.data.materials.append(materials.eye(f"eye-{side}", pole, colour))
        lash = anatomy.quads(f"helper-{side}-eyelashes-1", f"helper-{side}-eyelashes-2")
        alpha = 0.30 if face["gender"] == "male" else 0.35 + 0.6 * face["makeup"]
        dark = materials.plain("lash", (0.012, 0.009, 0.008), 0.6, alpha=alpha)
        _mesh(f"lash-{side}", points, anatomy, lash, 1).data.materials.append(dark)


def _cloth(points: np.ndarray, anatomy: Anatomy, chosen: np.ndarray, face: dict) -> None:
    shirt = _mesh("cloth", points, anatomy, chosen, 2)
    # The shirt is the body a little thicker: move each vertex along its normal.
    modifier = shirt.modifiers.new("thick", "DISPLACE")
    modifier.strength, modifier.mid_level = 0.0025, 0.0
    shirt.data.materials.append(materials.cloth(tuple(face["cloth"]), face["neckline"]))


def build(shared: dict[str, np.ndarray], made: dict[str, np.ndarray], face: dict, assets: Path):
    """Fill an empty scene with one face; returns the scene."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    anatomy = Anatomy(shared | {"mask_scalp": made["scalp"]})
    points = turned(made["vertices"], face["yaw"], face["pitch"])
    strands = {
        name: turned(made[name].reshape(-1, 3), face["yaw"], face["pitch"]).reshape(
            made[name].shape
        )
        for name in ("hair", "brows", "beard")
    }
    height = shared["reference"][shared["quads"]][:, :, 2]
    body = anatomy.quads("body")
    colour = materials.hair_colour(face)
    head = _mesh("skin", points, anatomy, body & (height.max(1) > 0.40), 2)
    head.data.materials.append(skin(face, assets / "textures", colour))
    _cloth(points, anatomy, body & (height.max(1) > 0.40) & (height.max(1) < 0.60), face)
    _eyes(points, anatomy, face)
    for group, tint in (("upper-teeth", (0.90, 0.87, 0.80)), ("lower-teeth", (0.84, 0.80, 0.73)),
                        ("tongue", (0.42, 0.12, 0.11))):  # fmt: skip
        part = _mesh(group, points, anatomy, anatomy.quads(f"helper-{group}"), 2)
        part.data.materials.append(materials.plain(group, tint, 0.3, 0.1, glow=0.14))
    _curves("hair", strands["hair"], 0.00010, 0.00004, materials.hair("hair", colour))
    brow = materials.hair_colour(face | {"gray": 0.5 * face["gray"]})
    brow = tuple(0.6 * channel for channel in brow)
    _curves("brow", strands["brows"], 0.00007, 0.00002, materials.hair("brow", brow, 0.4))
    _curves("beard", strands["beard"], 0.00006, 0.00003, materials.hair("beard", colour, 0.4))
    _camera_and_light(scene, face)
    return scene


def _camera_and_light(scene, face: dict) -> None:
    camera = bpy.data.cameras.new("camera")
    camera.sensor_width, camera.lens = 36.0, 36.0 * DISTANCE / FIELD
    scene.camera = bpy.data.objects.new("camera", camera)
    scene.camera.location, scene.camera.rotation_euler = CAMERA, (np.pi / 2, 0, 0)
    scene.collection.objects.link(scene.camera)
    for place, size, power, colour in LIGHTS[face["light"]]:
        light = bpy.data.lights.new("light", "AREA")
        light.size, light.energy, light.color = size, power, colour
        lamp = bpy.data.objects.new("light", light)
        lamp.location = place
        aim = mathutils.Vector((0, -0.1, 0.68)) - mathutils.Vector(place)
        lamp.rotation_euler = aim.to_track_quat("-Z", "Y").to_euler()
        scene.collection.objects.link(lamp)
    world = bpy.data.worlds.new("world")
    scene.world, world.use_nodes = world, True
    _background(world.node_tree, tuple(face["background"]))


def _background(tree, seen: tuple[float, float, float]) -> None:
    """An even wall of colour `seen` for the camera; for all else a weak gray sky."""
    sky, wall = tree.nodes["Background"], tree.nodes.new("ShaderNodeBackground")
    sky.inputs[0].default_value, sky.inputs[1].default_value = (0.37, 0.37, 0.37, 1), 0.48
    wall.inputs[0].default_value, wall.inputs[1].default_value = (*seen, 1), 1.0
    wall.name = "wall"
    choose, path = tree.nodes.new("ShaderNodeMixShader"), tree.nodes.new("ShaderNodeLightPath")
    for output, target in ((path.outputs["Is Camera Ray"], choose.inputs[0]),
                           (sky.outputs[0], choose.inputs[1]),
                           (wall.outputs[0], choose.inputs[2]),
                           (choose.outputs[0], tree.nodes["World Output"].inputs[0])):  # fmt: skip
        tree.links.new(output, target)

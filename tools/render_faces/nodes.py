"""Short names for building Blender shader graphs."""

from __future__ import annotations

import bpy

Value = object  # a number, a colour or an output socket


class Graph:
    """The node tree of a new material."""

    def __init__(self, name: str) -> None:
        self.material = bpy.data.materials.new(name)
        self.material.use_nodes = True
        self.tree = self.material.node_tree
        self.tree.nodes.clear()

    def node(self, kind: str, **settings):
        """A node; settings are input values by name, or else properties."""
        node = self.tree.nodes.new(kind)
        for name, value in settings.items():
            key = name.replace("_", " ")
            if key in node.inputs:
                self.put(node.inputs[key], value)
            else:
                setattr(node, name, value)
        return node

    def put(self, socket, value: Value) -> None:
        """Link an output socket, or set a number or colour, as an input."""
        if isinstance(value, bpy.types.NodeSocket):
            self.tree.links.new(value, socket)
        elif isinstance(value, tuple) and len(value) == 3 and len(socket.default_value) == 4:
            socket.default_value = (*value, 1.0)
        else:
            socket.default_value = value

    def mix(self, factor: Value, a: Value, b: Value):
        """Colour a where factor is 0, b where it is 1."""
        node = self.tree.nodes.new("ShaderNodeMix")
        node.data_type = "RGBA"
        for index, value in ((0, factor), (6, a), (7, b)):
            self.put(node.inputs[index], value)
        return node.outputs[2]

    def math(self, operation: str, a: Value, b: Value = 0.0, clamp: bool = False):
        """A arithmetic node."""
        node = self.tree.nodes.new("ShaderNodeMath")
        node.operation, node.use_clamp = operation, clamp
        self.put(node.inputs[0], a)
        self.put(node.inputs[1], b)
        return node.outputs[0]

    def times(self, a: Value, b: Value):
        """Product, kept within 0..1."""
        return self.math("MULTIPLY", a, b, True)

    def ramp(self, value: Value, low: float, high: float):
        """0 at low, 1 at high, linear between."""
        return self.times(self.math("SUBTRACT", value, low), 1.0 / (high - low))

    def attribute(self, name: str):
        """A vertex mask as a number."""
        return self.node("ShaderNodeAttribute", attribute_name=name).outputs["Fac"]

    def position(self, name: str = "place"):
        """A vertex attribute as a vector."""
        return self.node("ShaderNodeAttribute", attribute_name=name).outputs["Vector"]

    def noise(self, vector, scale: float, detail: float = 4.0, roughness: float = 0.6):
        """Fractal noise about 0.5."""
        node = self.node("ShaderNodeTexNoise", Scale=scale, Detail=detail, Roughness=roughness)
        self.put(node.inputs["Vector"], vector)
        return node.outputs[0]

    def stretched(self, vector, scale: tuple[float, float, float]):
        """A vector scaled along its axes."""
        return self.node("ShaderNodeMapping", Vector=vector, Scale=scale).outputs[0]

    def finish(self, surface):
        """Make a shader the surface; returns the material."""
        output = self.tree.nodes.new("ShaderNodeOutputMaterial")
        self.tree.links.new(surface, output.inputs[0])
        return self.material


def principled(graph: Graph, colour: Value, roughness: Value, **inputs: Value):
    """A Principled BSDF; more inputs by name with _ for spaces. Returns the node."""
    node = graph.tree.nodes.new("ShaderNodeBsdfPrincipled")
    graph.put(node.inputs["Base Color"], colour)
    graph.put(node.inputs["Roughness"], roughness)
    for name, value in inputs.items():
        graph.put(node.inputs[name.replace("_", " ")], value)
    return node

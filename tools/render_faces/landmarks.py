"""Landmarks of a face from its geometry: mesh vertices, projected as the camera sees them."""

from __future__ import annotations

import numpy as np

CAMERA = np.array([0.0, -0.90, 0.688])  # looks along +y
DISTANCE = 0.80  # from the camera to the plane of the face
FIELD = 0.335  # width of the picture on that plane, metres

# Places on the reference head, in dlib's order for five points: the eye on the right of the
# picture (outer, inner corner), the eye on its left (outer, inner), the base of the nose.
FIVE = np.array(
    [
        [0.0446, -0.1870, 0.6776],
        [0.0188, -0.1938, 0.6766],
        [-0.0446, -0.1870, 0.6776],
        [-0.0188, -0.1938, 0.6766],
        [0.0, -0.2156, 0.6300],
    ]
)


def turned(points: np.ndarray, yaw: float, pitch: float) -> np.ndarray:
    """Points [N, 3] after the head turns by yaw and nods by pitch (degrees) about the neck."""
    pivot = np.array([0.0, -0.08, 0.62])
    a, b = np.radians(yaw), np.radians(pitch)
    about_z = np.array([[np.cos(a), -np.sin(a), 0], [np.sin(a), np.cos(a), 0], [0, 0, 1]])
    about_x = np.array([[1, 0, 0], [0, np.cos(b), -np.sin(b)], [0, np.sin(b), np.cos(b)]])
    return (points - pivot) @ (about_z @ about_x).T + pivot


def project(points: np.ndarray, size: int) -> np.ndarray:
    """Pixels [N, 2] (x right, y down) of points [N, 3] in a picture of `size` pixels."""
    relative = points - CAMERA
    scale = DISTANCE / FIELD / relative[:, 1]
    return size * np.c_[0.5 + relative[:, 0] * scale, 0.5 - relative[:, 2] * scale]


def nearest_vertices(reference: np.ndarray, places: np.ndarray = FIVE) -> np.ndarray:
    """The vertex of the reference head nearest to each place."""
    return np.array([np.argmin(np.linalg.norm(reference - place, axis=1)) for place in places])

"""Faces: the shipped bank, photographs, their parts and landmarks, the canonical face."""

"""Hiding parts of a picture, many times and fast: the engine of occlusion and its like."""

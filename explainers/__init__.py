"""Explanations of face models: networks, faces, methods, and the build of stimuli."""

"""The study file: its parts, how it is read, and everything that may be wrong with it."""

"""A study's way to its participants: filled in, frozen, opened."""

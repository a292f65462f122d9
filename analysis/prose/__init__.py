"""Results in plain words."""

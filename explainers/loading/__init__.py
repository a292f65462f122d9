"""Networks from weights: the shipped ones, a user's checkpoint, a user's code."""

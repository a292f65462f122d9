"""What inversion and visualization share: an optimised picture, and what keeps it natural."""

"""How faithful a saliency map is to its network: one file is one measure (Section 2.5)."""

"""Answers as tidy tables: read, checked, summed, and set aside by declared rules."""

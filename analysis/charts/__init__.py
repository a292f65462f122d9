"""The charts: each file draws estimates, never raw answers; `analysis.figures` saves them."""

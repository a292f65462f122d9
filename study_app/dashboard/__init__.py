"""The researchers' dashboard: one file in `views/` for each page, behind one password."""

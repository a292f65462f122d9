"""Which parts of the picture matter: one file is one method (Section 2 of the survey)."""

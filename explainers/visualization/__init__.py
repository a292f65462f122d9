"""What a class or a unit looks for: one file is one method (Section 3 of the survey)."""

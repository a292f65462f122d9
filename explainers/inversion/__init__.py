"""What a layer keeps of a face: one file is one method (Section 4 of the survey)."""

"""A participant's way through a study, from the link to the code."""

"""The questions of a study: what is asked about which picture, and what that needs."""

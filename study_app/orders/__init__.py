"""What each participant is asked, and in which order."""

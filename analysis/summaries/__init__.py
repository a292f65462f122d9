"""What report and dashboard show, computed once for both."""

"""From stored answers to estimates, charts and reports."""

"""Values as colours, and explanations side by side in one figure."""

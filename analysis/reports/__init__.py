"""What leaves the analysis: pages, tables, figures and files."""

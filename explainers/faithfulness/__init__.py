"""What the measures in `explainers.fidelity` share, and planted truth to hold methods against."""

"""The systems of the reports, for comparison with the default model."""

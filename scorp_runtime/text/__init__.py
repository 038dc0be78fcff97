"""Lines and pages: layout and punctuation."""

"""Lines and pages: layout, punctuation and phrases."""

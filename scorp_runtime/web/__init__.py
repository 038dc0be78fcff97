"""The local server and the built page."""

"""What goes wrong with data."""


class DataError(Exception):
    """A data set that is missing, damaged or of the wrong kind; the message is one line and says what to do."""

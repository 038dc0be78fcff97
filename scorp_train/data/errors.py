"""What goes wrong with data."""

from scorp_runtime.errors import ScorpError


class DataError(ScorpError):
    """A data set is missing, damaged or of the wrong kind; the message says where and what to do."""

"""The error of the data room."""

from scorp_runtime.errors import ScorpError


class DataError(ScorpError):
    """A dataset is missing, damaged or of the wrong kind. The message says where, and what to do."""

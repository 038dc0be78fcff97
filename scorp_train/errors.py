"""What goes wrong in the trainer; every message is one line that names the bad value and what would do."""

from scorp_runtime.errors import RequestError, ScorpError


class UsageError(RequestError):
    """An option, a name or a combination of them that the trainer does not know."""


class RunError(ScorpError):
    """A run folder or a checkpoint that cannot be read or written."""


class ProcessError(ScorpError):
    """Another process of the same training is gone; it says why."""


class DivergenceError(ScorpError):
    """A training whose losses or weights are no longer finite; its last good checkpoint is kept."""


class ExportError(ScorpError):
    """The export gate refused a model; nothing was written."""

"""Errors of the trainer; each message is one line that names the wrong value and what is allowed."""

from scorp_runtime.errors import RequestError, ScorpError


class UsageError(RequestError):
    """An unknown or wrong option, name or combination of them."""


class RunError(ScorpError):
    """A run folder or checkpoint cannot be read or written."""


class ProcessError(ScorpError):
    """Another process of the same training has stopped; it reports why."""


class DivergenceError(ScorpError):
    """Losses or weights are no longer finite; the last good checkpoint is kept."""


class ExportError(ScorpError):
    """A model did not pass the export gate; nothing was written."""

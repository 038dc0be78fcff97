"""What can go wrong, as a small family of exceptions.

Every message is one line that names the bad value and, where there is a choice, the allowed ones.
"""


class ScorpError(Exception):
    """Base of every error that SCORP raises on purpose."""


class RequestError(ScorpError, ValueError):
    """What was asked for cannot be made, whatever the model or the disk."""


class LabelError(RequestError):
    """A label names no class of the model."""


class CountError(RequestError):
    """A number of pictures is not a number of pictures, or contradicts the labels."""


class AddressError(RequestError):
    """A seed or an index lies outside 0 ... 2^64 - 1."""


class StyleError(RequestError):
    """A knob that the model does not have, or a value that the knob does not reach."""


class ModelError(ScorpError):
    """A model file is missing, damaged, or breaks the contract of `docs/model-format.md`."""


class OutputError(ScorpError):
    """The result could not be written."""


class DatasetError(ScorpError):
    """A dataset on disk is unfinished, damaged, or not what its provenance says."""


class MissingExtraError(ScorpError):
    """A library that only some formats and engines need is not installed."""

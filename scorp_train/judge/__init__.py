"""Frozen classifiers that measure images: `load_judge("mnist")`."""

from .reading import Judge, Reading, judge_for, judge_names, load_judge

__all__ = ["Judge", "Reading", "judge_for", "judge_names", "load_judge"]

"""From data to a model file: what `scorp-train` does once its options are clear."""

import os
import sys
from pathlib import Path

import torch

from scorp_train.data import load_dataset
from scorp_train.export.command import export_run
from scorp_train.natural_styles import natural_styles
from scorp_train.options import Plan
from scorp_train.run import RunFolder
from scorp_train.trainer import Trainer


def train(plan: Plan, runs: Path, fresh: bool) -> None:
    """Trains (or resumes, or finds finished) the run of this plan, and exports its model into the run folder."""
    torch.set_num_threads(plan.training.threads or os.cpu_count() or 1)
    # The same seed gives the same bits only if no kernel sums in the order its threads happen to finish.
    torch.use_deterministic_algorithms(True, warn_only=plan.training.device != "cpu")
    dataset = load_dataset(plan.training.data)
    run = RunFolder.find_or_create(runs, plan, fresh)
    trainer = Trainer(plan, dataset, natural_styles(dataset), run)
    print(f"{run.path}: step {trainer.step} of {trainer.task.steps}", file=sys.stderr)
    trainer.train()
    model_file = export_run(run, run.path)
    print(model_file)

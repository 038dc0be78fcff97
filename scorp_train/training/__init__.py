"""The training loop and what it needs: options, run folders, checkpoints and randomness."""

"""The training loop with its options, run folders, checkpoints and randomness."""

"""Networks that the trainer can train."""

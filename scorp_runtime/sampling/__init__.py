"""What to draw: seeds and indices, labels, knobs, natural styles, writers and requests."""

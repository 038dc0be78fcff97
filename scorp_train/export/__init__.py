"""From a trained network to a released model: graph, metadata, gate, card and golden file."""

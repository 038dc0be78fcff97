"""The released models: one `.onnx` file each, with its card and its golden file."""

"""Released models: `.onnx` files with model cards and golden files."""

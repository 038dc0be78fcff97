"""What a model file is: bundled models, metadata, ONNX reader, validation and limits."""

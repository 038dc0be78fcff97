"""A virtual dataset for TensorFlow. The only module of this package that imports tensorflow."""

from typing import Any

import tensorflow as tf


def tensorflow_dataset(dataset: Any, batch_size: int) -> Any:
    """Return a `tf.data.Dataset` of uint8 (H, W) and int64 (), drawn `batch_size` at a time."""
    signature = (tf.TensorSpec((None, *dataset.image_shape), tf.uint8), tf.TensorSpec((None,), tf.int64))
    batches = tf.data.Dataset.from_generator(lambda: dataset.batches(batch_size), output_signature=signature)
    return batches.unbatch().apply(tf.data.experimental.assert_cardinality(len(dataset)))

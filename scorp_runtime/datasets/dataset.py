"""The public dataset: images by position, with views for the common frameworks."""

from typing import TYPE_CHECKING

from scorp_runtime.errors import RequestError, short_repr
from scorp_runtime.sampling import philox

from .virtual import VirtualDataset

if TYPE_CHECKING:
    # Other names than the methods of `Dataset`, which hide the modules inside the class.
    from datasets import IterableDataset as HuggingFaceDataset
    from tensorflow.data import Dataset as TensorFlowDataset
    from torch import Tensor
    from torch.utils.data import Dataset as TorchDataset

_MOST_PARTS = 1_000_000  # Hugging Face keeps a list of them


class Dataset(VirtualDataset):
    """Images of one request as a sequence, with views for PyTorch, TensorFlow and Hugging Face.

    See `VirtualDataset` for items, slices and batches.

    Example:
        >>> dataset = Generator().dataset("0-9", length=10**9, seed=1)
        >>> image, label = dataset[123_456_789]
        >>> image.shape, label
        ((28, 28), 9)
        >>> dataset.meta(123_456_789).class_name
        '9'
    """

    def torch(self) -> "TorchDataset[tuple[Tensor, int]]":
        """Return a `torch.utils.data.Dataset` of float32 tensors (1, H, W), 0 to 1, and labels; needs torch.

        A `DataLoader` returns the same batches with any number of workers. The images need no shuffling, and
        `shuffle=True` costs 10 to 15 %.
        """
        from .frameworks.torch_dataset import TorchImageDataset

        return TorchImageDataset(self)

    def tf(self, batch_size: int = 256) -> "TensorFlowDataset":
        """Return a `tf.data.Dataset` of images, uint8 (H, W), and labels, int64; needs tensorflow.

        `batch_size` images are drawn together; the elements are single images.
        """
        size = philox.read_positive("batch_size", batch_size)
        from .frameworks.tensorflow_dataset import tensorflow_dataset

        return tensorflow_dataset(self, size)

    def hf(self, shards: int = 64) -> "HuggingFaceDataset":
        """Return a `datasets.IterableDataset` of Hugging Face; needs datasets.

        Its columns are `image`, `label` (a `ClassLabel`), `seed`, `index`, the knobs and, if it was given, `writer`.
        Up to `shards` workers and nodes can share it.
        """
        parts = philox.read_positive("shards", shards)
        if parts > _MOST_PARTS:
            raise RequestError(f"shards must be at most {_MOST_PARTS}, not {short_repr(parts)}")
        from .frameworks.huggingface_dataset import huggingface_dataset

        return huggingface_dataset(self, parts)

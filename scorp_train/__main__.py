"""Run `scorp-train` as `python -m scorp_train`, as torchrun does."""

import sys

from .cli.train import main

if __name__ == "__main__":
    sys.exit(main())

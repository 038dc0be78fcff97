"""`python -m scorp_train` is `scorp-train`; torchrun starts it so."""

import sys

from .cli.train import main

if __name__ == "__main__":
    sys.exit(main())

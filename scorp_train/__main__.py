"""`python -m scorp_train` is `scorp-train`; torchrun starts it so."""

import sys

from scorp_train.cli import main

if __name__ == "__main__":
    sys.exit(main())

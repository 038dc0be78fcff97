"""`python -m scorp_runtime` is `scorp-gen`."""

import sys

from .cli import main

if __name__ == "__main__":
    sys.exit(main())

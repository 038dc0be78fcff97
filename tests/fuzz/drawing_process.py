"""A process that may crash: it draws with each model named on stdin, and prints the outcome."""

import json
import resource
import sys
import warnings

from scorp_runtime import Generator, ScorpError

_MOST_MEMORY = 4 << 30  # bytes of address space: more than any valid model takes for two images


def attempt(path: str, backend: str) -> str:
    try:
        images = Generator(path, backend=backend).generate("0-1", seed=1).images
    except ScorpError as error:
        return f"{type(error).__name__}: {error}"
    return f"drew {images.shape} {images.dtype}"


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))
    warnings.simplefilter("error")
    for line in sys.stdin:
        path, backend = json.loads(line)
        try:
            outcome = attempt(path, backend)
        except Exception as error:
            outcome = f"raised {type(error).__name__}: {error}"
        print(json.dumps(outcome), flush=True)


if __name__ == "__main__":
    main()

"""Bytes of the default model and of the runtime wheel."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from scorp_runtime import Generator

ROOT = Path(__file__).resolve().parent.parent


def measure() -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        build = [sys.executable, "-m", "build", "--outdir", folder, str(ROOT)]
        subprocess.run(build, check=True, capture_output=True)
        (wheel,) = Path(folder).glob("*.whl")
        return {"model_bytes": len(Generator().model_file.read()), "wheel_bytes": wheel.stat().st_size}


if __name__ == "__main__":
    print(json.dumps(measure()))

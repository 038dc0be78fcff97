"""`docs/reliability.md` lists the faults that the tests cause, and no others."""

import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).with_name("failure_matrix.py")


def test_the_failure_matrix_is_what_the_tests_say() -> None:
    result = subprocess.run([sys.executable, "-P", SCRIPT], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert int(result.stdout.split()[0]) >= 120

"""Runs the Python code of its argument; the kernel ends the process with SIGSYS when any thread opens a socket.

Unix sockets are allowed: the C library looks up user names with them. It exits with 77 where the kernel has no
such filter.
"""

import ctypes
import os
import socket
import struct
import sys

UNSUPPORTED = 77
_SOCKET = {"x86_64": 41, "aarch64": 198}  # number of the system call
_NO_NEW_PRIVILEGES, _SET_SECCOMP, _FILTER = 38, 22, 2
_KILL, _ALLOW = 0x80000000, 0x7FFF0000


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def forbid_sockets() -> bool:
    """Install the filter for this process and its children; return whether that worked."""
    number = _SOCKET.get(os.uname().machine) if sys.platform == "linux" else None
    if number is None:
        return False
    steps = (
        (0x20, 0, 0, 0),  # load the number of the system call
        (0x15, 0, 3, number),  # if it is not `socket`, skip 3 steps
        (0x20, 0, 0, 16),  # load its first argument, the family
        (0x15, 1, 0, socket.AF_UNIX),  # if that is AF_UNIX, skip 1 step
        (0x06, 0, 0, _KILL),
        (0x06, 0, 0, _ALLOW),
    )
    code = b"".join(struct.pack("=HBBI", *step) for step in steps)
    prctl = ctypes.CDLL(None).prctl
    program = _Program(len(steps), code)
    return (
        prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) == 0
        and prctl(_SET_SECCOMP, _FILTER, ctypes.byref(program)) == 0
    )


if __name__ == "__main__":
    if not forbid_sockets():
        sys.exit(UNSUPPORTED)
    exec(sys.argv[1])

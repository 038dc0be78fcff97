"""Serve a page that draws in your browser. Only this machine can reach it; Ctrl-C stops it."""

import argparse
import sys
import webbrowser

from scorp_runtime.errors import OutputError
from scorp_runtime.generator import Generator
from scorp_runtime.web.server import HOST, PageServer

from .options import add_flag, add_model, add_value, whole_number

USAGE = "scorp-gen serve [options]"
EXAMPLES = """\
examples:
  scorp-gen serve --open
  scorp-gen serve --port 0 --model text"""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of `scorp-gen serve`."""
    port, meaning = whole_number(0, 65535), "port, 0 to 65535, where 0 is any free one (default: 8028)"
    add_value(parser, "--port", "P", meaning, port, default=8028)
    add_flag(parser, "--open", "open the page in your browser")
    add_model(parser)


def run(options: argparse.Namespace) -> None:
    """Print the address of the page and serve it until interrupted."""
    generator = Generator(options.model, threads=options.threads, backend=options.backend)
    try:
        server = PageServer(generator, options.port)
    except OSError as error:
        raise OutputError(
            f"cannot serve at {HOST}:{options.port}: {error.strerror or error}; --port 0 uses a free port"
        ) from error
    with server:
        print(f"scorp-gen: serving {server.url} (Ctrl-C stops)", file=sys.stderr, flush=True)
        if options.open:
            webbrowser.open(server.url)
        server.serve_forever()

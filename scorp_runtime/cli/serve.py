"""Serve a page that draws in your browser. Only this machine can reach it; Ctrl-C stops it."""

import argparse
import sys

from scorp_runtime.errors import OutputError

from .argument_types import whole
from .drawing_options import add_drawing, add_model

_DEFAULT_PORT = 8028
USAGE = "scorp-gen serve [options]"
EXAMPLES = """\
examples:
  scorp-gen serve --open
  scorp-gen serve --port 0 --model letters"""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `scorp-gen serve`."""
    parser.add_argument(
        "--port",
        type=_port,
        default=_DEFAULT_PORT,
        metavar="P",
        help=f"port, 0 to 65535; 0 takes any free one (default: {_DEFAULT_PORT})",
    )
    parser.add_argument("--open", action="store_true", help="open the page in your browser")
    add_model(parser)
    add_drawing(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Print where the page is, and serve it until interrupted."""
    from scorp_runtime.generator import Generator
    from scorp_runtime.web.server import HOST, PageServer

    generator = Generator(options.model, threads=options.threads, backend=options.backend)
    try:
        server = PageServer(generator, options.port)
    except OSError as error:
        raise OutputError(f"cannot serve at {HOST}:{options.port}: {error.strerror or error}") from error
    with server:
        print(f"scorp-gen: serving {server.url} (Ctrl-C ends)", file=sys.stderr, flush=True)
        if options.open:
            import webbrowser

            webbrowser.open(server.url)
        server.serve_forever()


def _port(text: str) -> int:
    port = whole(text)
    if port > 65535:
        raise argparse.ArgumentTypeError(f"{text} is not a port: they are 0 to 65535")
    return port

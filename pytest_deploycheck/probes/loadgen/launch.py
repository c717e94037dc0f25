"""Starts stock locust by its command line, without the settings files that a user of locust may have.

`locust.conf`, `~/.locust.conf` and `pyproject.toml` could set users, times and workers beside the contract.
"""

import sys

from locust import argument_parser
from locust.main import main

if __name__ == "__main__":
    for reader in (argument_parser.get_parser, argument_parser.get_empty_argument_parser):
        defaults = reader.__defaults__ or ()
        reader.__defaults__ = (*defaults[:-1], ())  # the files to read
    sys.exit(main())

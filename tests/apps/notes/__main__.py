"""`python -m tests.apps.notes`: serve until SIGTERM; the variables go to the file DEPLOYCHECK_PROVIDES.

NOTES_KEY is the key that tokens are signed with; a new one if it is not set.
"""

import os
import signal
import sys
import threading
from pathlib import Path

from tests.apps.notes.server import App, serve


def main() -> int:
    faults = frozenset(name for name in os.environ.get("NOTES_FAULTS", "").split(",") if name)
    key = os.environ.get("NOTES_KEY")
    app = App(faults, secret=key) if key else App(faults)
    server = serve(app)
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    variables = {"NOTES_URL": f"http://127.0.0.1:{server.server_port}"}
    for person in app.store.people:
        name = person.email.partition("@")[0].upper()
        variables |= {f"{name}_EMAIL": person.email, f"{name}_PASSWORD": person.password}
    if path := os.environ.get("DEPLOYCHECK_PROVIDES"):
        written = Path(f"{path}.new")
        written.write_text("".join(f"{key}={value}\n" for key, value in variables.items()))
        written.replace(path)
    server.serve_forever(poll_interval=0.05)
    server.server_close()
    return 0


if __name__ == "__main__":
    sys.exit(main())

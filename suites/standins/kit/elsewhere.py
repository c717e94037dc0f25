"""Another origin, where no credential may ever arrive: it writes down what does."""

import ssl
from typing import Any

from suites.standins.kit.listener import Listener, Request, reply


class Elsewhere:
    """Records method, target and headers of every request."""

    def __init__(self, tls: ssl.SSLContext) -> None:
        self.listener = Listener(self._answer, tls)
        self.requests: list[dict[str, Any]] = []

    def forget(self) -> None:
        """Forget what was recorded."""
        self.requests.clear()

    async def _answer(self, request: Request) -> bytes:
        headers = {n.decode("latin-1"): v.decode("latin-1") for n, v in request.head.headers}
        self.requests.append({"method": request.method, "target": request.target, "headers": headers})
        return reply(200, {"data": [], "pagination": {"page": 1, "limit": 20, "total": 0}})

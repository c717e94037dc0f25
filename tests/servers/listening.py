"""How a server in a process of its own listens: on a free port, which it prints."""

import asyncio
import ssl
import sys
from collections.abc import Awaitable, Callable

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def listen(serve: Serve, *, backlog: int = 100) -> None:
    """Serve until the process ends; by TLS if the command line names a certificate."""
    asyncio.run(_listen(serve, backlog))


async def _listen(serve: Serve, backlog: int) -> None:
    context = None
    if len(sys.argv) > 1:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[1])
    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context, backlog=backlog)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    async with server:
        await server.serve_forever()

"""Keep-alive connections that post one request after another: as little client as can be.

A full HTTP client would take more of the second core than the server takes of the first.
"""

import asyncio
from collections.abc import Iterator
from time import perf_counter


async def post_all(
    host: str, port: int, requests: Iterator[bytes], connections: int, count: int
) -> tuple[float, dict[int, int]]:
    """Send ``count`` prepared requests over ``connections``; answers seconds and statuses."""
    statuses: dict[int, int] = {}
    left = count

    async def one() -> None:
        nonlocal left
        reader, writer = await asyncio.open_connection(host, port)
        try:
            while left > 0:
                left -= 1
                writer.write(next(requests))
                status = await _answer(reader)
                statuses[status] = statuses.get(status, 0) + 1
        finally:
            writer.close()
            await writer.wait_closed()

    begin = perf_counter()
    await asyncio.gather(*(one() for _connection in range(connections)))
    return perf_counter() - begin, statuses


async def _answer(reader: asyncio.StreamReader) -> int:
    head = await reader.readuntil(b"\r\n\r\n")
    lower = head.lower()
    at = lower.find(b"content-length:")
    if at >= 0:
        length = int(lower[at + 15 : lower.index(b"\r\n", at)])
        await reader.readexactly(length)
    return int(head[9:12])


def request(port: int, path: str, body: bytes, **headers: str) -> bytes:
    """A prepared POST of JSON."""
    lines = [
        f"POST {path} HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items()),
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body

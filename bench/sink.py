"""A loopback relay that accepts everything as fast as it can: ``python -m bench.sink`` prints its port."""

from __future__ import annotations

import asyncio


class Sink(asyncio.Protocol):
    """One connection. Only what a sender without PIPELINING needs."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._body = False
        self._tail = b""
        transport.write(b"220 sink.example\r\n")

    def data_received(self, data: bytes) -> None:
        if self._body:
            self._tail = (self._tail + data)[-5:]
            if self._tail == b"\r\n.\r\n":
                self._body = False
                self._transport.write(b"250 2.0.0 kept\r\n")
        elif data[:4].upper() == b"DATA":
            self._body, self._tail = True, b""
            self._transport.write(b"354 go on\r\n")
        elif data[:4].upper() == b"QUIT":
            self._transport.write(b"221 2.0.0 bye\r\n")
            self._transport.close()
        else:
            self._transport.write(b"250 2.0.0 ok\r\n")


async def main() -> None:
    server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())

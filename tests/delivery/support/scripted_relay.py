"""A relay that follows a dialogue, on a real socket: a thread a connection, so that it can be as rude as it likes."""

from __future__ import annotations

import socket
import ssl
import struct
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from composer.message import verp
from tests.delivery.support.dialogue import Dialog, Rule

ORDINARY = {
    "CONNECT": "220 relay.example ESMTP",
    "HELO": "250 relay.example",
    "STARTTLS": "220 2.0.0 go ahead",
    "AUTH": "235 2.7.0 welcome",
    "MAIL": "250 2.1.0 ok",
    "RCPT": "250 2.1.5 ok",
    "DATA": "354 go on",
    "DOT": "250 2.0.0 kept",
    "RSET": "250 2.0.0 ok",
    "NOOP": "250 2.0.0 ok",
    "QUIT": "221 2.0.0 bye",
}
_END = b"\r\n.\r\n"


class Over(Exception):
    """The connection is closed, by whichever side."""


@dataclass
class Scripted:
    """``kept`` are (reader, message) in the order in which the relay took them; ``applied`` counts by rule."""

    dialog: Dialog
    pipelining: bool
    secret: bytes
    tls: ssl.SSLContext | None = None
    port: int = 0
    kept: list[tuple[int, bytes]] = field(default_factory=list)
    applied: Counter[int] = field(default_factory=Counter)
    heard: list[str] = field(default_factory=list)
    groups: int = 0  # times at which a command had arrived before the reply to the one ahead of it was written
    connections: int = 0
    over: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def rule(self, step: str, reader: int | None, connection: int) -> Rule | None:
        """The rule that applies now, which counts as having applied."""
        with self.lock:
            self.heard.append(f"{connection} {step} {reader or ''}".rstrip())
            for position, rule in enumerate(self.dialog.rules):
                spent = rule.times is not None and self.applied[position] >= rule.times
                if not spent and rule.fits(step, reader, connection):
                    self.applied[position] += 1
                    return rule
        return None

    def all_applied(self) -> bool:
        """Whether each rule did, as often as it says."""
        return all(self.applied[position] >= (rule.times or 1) for position, rule in enumerate(self.dialog.rules))


class Conversation:
    """One connection."""

    def __init__(self, relay: Scripted, plug: socket.socket, number: int) -> None:
        self._relay = relay
        self._plug = plug
        self._number = number
        self._arrived = b""
        self._unsent = b""
        self._slow = False
        self._secure = relay.dialog["security"] == "tls"
        self._reader: int | None = None
        self._mail = self._rcpt = False
        self._body = b""

    def run(self) -> None:
        try:
            self._plug.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._secure:
                self._handshake()
            self._do("CONNECT")
            while True:
                self._command(self._line())
        except (Over, OSError):
            pass
        finally:
            self._plug.close()

    def hang_up(self) -> None:
        """From another thread."""
        with suppress(OSError):  # it is closed already
            self._plug.shutdown(socket.SHUT_RDWR)

    def _command(self, line: bytes) -> None:
        if b"\r\n" in self._arrived:
            self._relay.groups += 1
        verb = line.split(b" ")[0].strip().decode("ascii", "replace").upper()
        if verb == "MAIL":
            local = line.partition(b"<")[2].partition(b"@")[0].decode()
            found = verp.read_return_path(local, self._relay.secret)
            assert found is not None
            self._reader = found[0]
            self._mail, self._rcpt = self._do("MAIL").startswith("2"), False
        elif verb == "RCPT":
            self._reader = int(line.partition(b"<reader")[2].partition(b"@")[0])
            self._rcpt = self._do("RCPT", None if self._mail else "503 5.5.1 MAIL first").startswith("2") and self._mail
        elif verb == "DATA":
            refusal = None if self._rcpt else "554 5.5.1 no valid recipients"
            if self._do("DATA", refusal).startswith("354"):
                self._message()
            self._mail = self._rcpt = False
        elif verb == "STARTTLS":
            if self._do("STARTTLS").startswith("220"):
                self._handshake()
        elif verb == "EHLO":
            self._do("EHLO", self._offer())
        elif verb in ORDINARY:
            self._mail = self._rcpt = self._mail and verb not in ("RSET", "HELO")
            self._do(verb)
            if verb == "QUIT":
                raise Over
        else:
            self._say("500 5.5.2 what?")

    def _offer(self) -> str:
        lines = ["relay.example", "SIZE 10000000", "ENHANCEDSTATUSCODES"]
        if self._relay.pipelining:
            lines.append("PIPELINING")
        if self._relay.dialog["security"] == "starttls" and not self._secure:
            lines.append("STARTTLS")
        if self._relay.dialog["user"] and (self._secure or self._relay.dialog["security"] == "none"):
            lines.append("AUTH PLAIN")
        return "\r\n".join([*(f"250-{line}" for line in lines[:-1]), f"250 {lines[-1]}"])

    def _handshake(self) -> None:
        assert self._relay.tls is not None
        self._flush()
        self._arrived = b""  # RFC 3207: what came before the handshake is forgotten
        self._plug.getpeername()  # where the client has gone, wrap_socket would leave a socket open
        plug = self._relay.tls.wrap_socket(self._plug, server_side=True)
        self._plug, self._secure = plug, True

    def _message(self) -> None:
        while len(self._arrived) < 3:
            self._receive()
        if self._arrived.startswith(b".\r\n"):
            self._body, self._arrived = b"", self._arrived[3:]
            self._do("DOT", None if self._rcpt else "554 5.5.1 no valid recipients")
            return
        if (rule := self._relay.rule("BODY", self._reader, self._number)) is not None:
            self._act(rule, "BODY", "")
        parts, tail = [], b""
        while _END not in tail + self._arrived:
            parts.append(tail + self._arrived)  # all but what may be the beginning of the end
            tail, parts[-1] = parts[-1][-4:], parts[-1][:-4]
            self._arrived = b""
            self._receive()
        body, _, self._arrived = (tail + self._arrived).partition(_END)
        stuffed = b"".join([*parts, body, b"\r\n"])
        self._body = stuffed.replace(b"\r\n..", b"\r\n.").removeprefix(b".")
        self._do("DOT", None if self._rcpt else "554 5.5.1 no valid recipients")

    def _do(self, step: str, usual: str | None = None) -> str:
        """Do what the dialogue says, or the usual thing; gives what was said first."""
        rule = self._relay.rule(step, self._reader, self._number)
        if rule is not None:
            return self._act(rule, step, usual or ORDINARY.get(step, ""))
        return self._usually(step, usual or ORDINARY[step])

    def _usually(self, step: str, line: str) -> str:
        if step == "DOT" and line.startswith("2"):
            self._take()
        self._say(line)
        return line

    def _act(self, rule: Rule, step: str, usual: str) -> str:
        said, taken = "", False
        for word, rest in rule.actions:
            if word == "as":
                said = self._usually(step, usual)
            elif word == "say":
                if step == "DOT" and rest.startswith("2") and not taken:
                    self._take()
                    taken = True
                self._say(rest)
                said = said or rest
            elif word == "raw":
                self._write(rest.encode("latin-1"))
                said = said or rest
            elif word == "take":
                self._take()
                taken = True
            elif word == "wait":
                self._flush()
                time.sleep(float(rest))
            else:
                self._end(word)
        return said

    def _end(self, word: str) -> None:
        """Actions without an argument: most of them end the conversation."""
        self._flush()
        if word == "slowly":
            self._slow = True
        elif word == "alone":
            self._arrived = b""
        elif word == "drop":
            raise Over
        elif word == "reset":
            self._plug.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            raise Over
        elif word == "stall":
            while True:
                self._receive()
        elif word == "deaf":
            self._relay.over.wait()
            raise Over

    def _take(self) -> None:
        assert self._reader is not None
        with self._relay.lock:
            self._relay.kept.append((self._reader, self._body))

    def _line(self) -> bytes:
        while b"\r\n" not in self._arrived:
            self._receive()
        line, _, self._arrived = self._arrived.partition(b"\r\n")
        return line

    def _receive(self) -> None:
        self._flush()
        if self._slow:
            time.sleep(0.0005)
        data = self._plug.recv(4096 if self._slow else 2**17)
        if not data:
            raise Over
        self._arrived += data

    def _say(self, line: str) -> None:
        self._write(line.encode() + b"\r\n")

    def _write(self, data: bytes) -> None:
        self._unsent += data
        if self._relay.dialog["writes"] == "glued" and b"\r\n" in self._arrived:
            return
        self._flush()

    def _flush(self) -> None:
        data, self._unsent = self._unsent, b""
        if self._relay.dialog["writes"] == "bytewise":
            for octet in data:
                self._plug.sendall(bytes([octet]))
                time.sleep(0.0002)
        elif data:
            self._plug.sendall(data)


@contextmanager
def relaying(relay: Scripted) -> Iterator[Scripted]:
    """The relay, on a port of 127.0.0.1 that the system chose."""
    threads: list[threading.Thread] = []
    conversations: list[Conversation] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        if relay.dialog.number("body") > 1000:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16384)
        relay.port = listener.getsockname()[1]

        def accept() -> None:
            while not relay.over.is_set():
                plug, _ = listener.accept()
                if relay.over.is_set():
                    plug.close()
                    return
                relay.connections += 1
                conversations.append(Conversation(relay, plug, relay.connections))
                threads.append(threading.Thread(target=conversations[-1].run))
                threads[-1].start()

        accepting = threading.Thread(target=accept)
        accepting.start()
        try:
            yield relay
        finally:
            relay.over.set()
            socket.create_connection(("127.0.0.1", relay.port)).close()  # wakes the listener
            accepting.join()
            for conversation in conversations:
                conversation.hang_up()
            for thread in threads:
                thread.join(10)
                assert not thread.is_alive()

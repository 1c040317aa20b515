"""The HTTP server: AWS requests, and the control endpoint under `/_emulator/`.

| request | does |
| --- | --- |
| `GET /_emulator/calls` | the calls received so far, oldest first |
| `POST /_emulator/faults` | puts the faults of the body (a JSON list) in force instead of all others |
| `GET /_emulator/faults` | the faults in force, with how often each matched and struck |
| `POST /_emulator/allow` | allows the IAM actions of the body (a JSON list) and no others; `null` allows all |
| `POST /_emulator/forget` | clears calls and faults |
| `GET /_emulator/scenario` | name and date of the scenario, and who the caller is |
"""

import json
import socket
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from .answering import Emulator, Sent
from .faults import FaultError
from .wire import Answer, Request

_CONTROL = "/_emulator/"


class Server(ThreadingHTTPServer):
    """Listens on the loopback interface only."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, emulator: Emulator, port: int = 0):
        super().__init__(("127.0.0.1", port), _Handler)
        self.emulator = emulator

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    def _handle(self) -> None:
        length = int(self.headers.get("content-length") or 0)
        request = Request(
            self.command, self.path, dict(self.headers.items()), self.rfile.read(length) if length else b""
        )
        if self.path.startswith(_CONTROL):
            self._send(Sent(_control(self.server.emulator, request)))
        else:
            self._send(self.server.emulator.answer(request))

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _handle

    def _send(self, sent: Sent) -> None:
        if sent.drop:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        answer = sent.answer
        body = answer.body
        head = [f"HTTP/1.1 {answer.status} {self.responses.get(answer.status, ('', ''))[0]}"]
        head += [f"{name}: {value}" for name, value in answer.headers.items() if name.lower() != "content-length"]
        head += [f"Date: {self.date_time_string()}", f"Content-Length: {len(body)}"]
        if sent.truncate:
            body = body[: len(body) // 2]
            self.close_connection = True
        # One write: a head alone would wait for the client's acknowledgement.
        self.wfile.write("\r\n".join([*head, "", ""]).encode("latin-1") + body)

    def log_message(self, format, *args):  # noqa: A002  (the name is the base class's)
        """Silent: the calls are kept in the emulator."""


def _control(emulator: Emulator, request: Request) -> Answer:
    what = request.path.removeprefix(_CONTROL)
    if request.method == "GET" and what == "calls":
        return _json(200, emulator.calls)
    if request.method == "GET" and what == "faults":
        return _json(
            200, [{**rule.words, "matched": rule.matched, "struck": rule.struck} for rule in emulator.faults.rules]
        )
    if request.method == "GET" and what == "scenario":
        world = emulator.world
        return _json(
            200,
            {
                "name": world.scenario["name"],
                "now": world.clock.now.strftime("%Y-%m-%dT%H:%M:%SZ"),
                "caller": world.caller.arn,
            },
        )
    if request.method == "POST" and what == "forget":
        emulator.forget()
        return _json(200, {})
    if request.method == "POST" and what == "allow":
        emulator.allow(json.loads(request.body))
        return _json(200, {})
    if request.method == "POST" and what == "faults":
        try:
            emulator.faults.replace(json.loads(request.body))
        except (FaultError, ValueError) as error:
            return _json(400, {"error": str(error)})
        return _json(200, {})
    return _json(404, {"error": f"no {request.method} {request.path}"})


def _json(status: int, value) -> Answer:
    return Answer(status, {"Content-Type": "application/json"}, json.dumps(value).encode())

"""A control port that answers as a test says, and remembers what it was asked."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler


class Control(BaseHTTPRequestHandler):
    """Answers as the server's `said` has it."""

    said: tuple[int, object] = (200, {})
    heard: object = None

    def do_POST(self) -> None:
        type(self).heard = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        status, said = self.said
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(said).encode())

    def log_message(self, *_: object) -> None:
        pass

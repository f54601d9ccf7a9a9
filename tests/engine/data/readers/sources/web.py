"""A web server on this machine, which serves a folder."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


@dataclass
class WebServer:
    url: str
    answers: list[int] = field(default_factory=list)


@contextmanager
def serve(folder: Path) -> Iterator[WebServer]:
    """Serve the files of a folder; collect the status of each answer."""

    class Handler(SimpleHTTPRequestHandler):
        def __init__(self, *args):
            super().__init__(*args, directory=str(folder))

        def log_message(self, *args):
            pass

        def send_response(self, code, message=None):
            found.answers.append(int(code))
            super().send_response(code, message)

        def send_header(self, keyword, value):
            is_cut = keyword == "Content-Length" and self.path.startswith("/cut")
            super().send_header(keyword, "1000" if is_cut else value)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found = WebServer(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

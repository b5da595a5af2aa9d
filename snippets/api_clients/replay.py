# --8<-- [start:replay]
# Rejouer au client Python les réponses du vrai serveur.
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

HERE = Path(__file__).parent
published = (HERE / "answers/with_python.txt").read_text(encoding="utf-8")
status, _, refusal = published[published.rindex("\n4") + 1 :].partition(" ")
success = (HERE / "answers/curl.json").read_text(encoding="utf-8")
png = (HERE / "chiffre.png").read_bytes()


class Replay(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        is_image = png in body or b'"iVBORw0KGgo' in body
        self.send_response(200 if is_image else int(status))
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write((success if is_image else refusal).encode())

    def log_message(self, *arguments):
        pass  # rien à noter


with HTTPServer(("127.0.0.1", 0), Replay) as server:
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    done = subprocess.run(
        [sys.executable, HERE / "with_python.py"],
        env=os.environ | {"API_URL": url},
        capture_output=True,
        encoding="utf-8",
    )
    server.shutdown()
assert done.stderr == "", done.stderr
assert done.stdout == published, done.stdout
print("Tout est vrai.")
# --8<-- [end:replay]

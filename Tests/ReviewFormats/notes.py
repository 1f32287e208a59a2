"""GitLab's notes of merge request 3 of project 7, in memory: in pages of a hundred at most, as its
API gives them. What is written goes to a file, a line a request.

    notes.py COUNT PLACE FOLDER
"""

import json
import os
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlsplit

COUNT, PLACE, FOLDER = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
MARKER = "<!-- flagstaff:plan workspace=tests -->"
NOTES = [
    {"id": place + 1, "body": f"{MARKER}\nold" if place == PLACE else f"note {place} {MARKER}"}
    for place in range(COUNT)
]


class Notes(BaseHTTPRequestHandler):
    def do_GET(self):
        query = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        size = min(int(query.get("per_page", 20)), 100)
        first = (int(query.get("page", 1)) - 1) * size
        self.answer(200, NOTES[first : first + size])

    def do_POST(self):
        self.write(201)

    def do_PUT(self):
        self.write(200)

    def write(self, status):
        text = self.rfile.read(int(self.headers["Content-Length"])).decode()
        body = parse_qs(text, strict_parsing=True)["body"][0]
        with open(f"{FOLDER}/written", "a", encoding="utf-8") as file:
            token = self.headers["PRIVATE-TOKEN"]
            print(self.command, self.path, token, json.dumps(body), file=file)
        self.answer(status, {"id": 1})

    def answer(self, status, document):
        bytes = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(bytes)))
        self.end_headers()
        self.wfile.write(bytes)


server = HTTPServer(("127.0.0.1", 0), Notes)
with open(f"{FOLDER}/port.new", "w", encoding="utf-8") as file:
    file.write(str(server.server_port))
os.rename(f"{FOLDER}/port.new", f"{FOLDER}/port")
server.serve_forever()

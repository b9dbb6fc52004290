"""A subscriber in Python 3 without any library: python3 subscriber.py HUB TOPIC CALLBACK SECRET PORT

CALLBACK is the public address under which this server on PORT is reached.
"""

import hmac
import http.server
import sys
import urllib.parse
import urllib.request

HUB, TOPIC, CALLBACK, SECRET, PORT = sys.argv[1:6]
seen = set()  # in earnest: a table


class Callback(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        asked = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.path).query))
        meant = asked.get("hub.mode") == "subscribe" and asked.get("hub.topic") == TOPIC
        self.answer(200 if meant else 404, asked.get("hub.challenge", "").encode() if meant else b"")

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        method, _, signature = self.headers.get("X-Hub-Signature", "").partition("=")
        genuine = method in ("sha256", "sha384", "sha512") and hmac.compare_digest(
            hmac.new(SECRET.encode(), body, method).hexdigest(), signature
        )
        self.answer(202, b"")  # at once; also to forged ones, so that nobody learns anything
        if genuine and self.headers["FeedHub-Delivery"] not in seen:
            seen.add(self.headers["FeedHub-Delivery"])
            print("took", self.headers["FeedHub-Sequence"], len(body), flush=True)

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", int(PORT)), Callback)
form = {"hub.mode": "subscribe", "hub.topic": TOPIC, "hub.callback": CALLBACK, "hub.secret": SECRET}
with urllib.request.urlopen(HUB, urllib.parse.urlencode(form).encode()) as reply:
    print("asked", reply.status, flush=True)
server.serve_forever()

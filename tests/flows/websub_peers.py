"""Flask-WebSub of PyPI, which shares no line with us: a subscriber that discovers and subscribes; a publisher.

`python websub_peers.py subscribe PORT FEED` prints what comes to it; `publish PORT HUB` serves a topic at /topic that
grows at each line on stdin, and pings.
"""

from __future__ import annotations

import sys
import threading

import requests
from flask import Flask, Response
from flask_websub.publisher import init_publisher, publisher
from flask_websub.subscriber import SQLite3SubscriberStorage, SQLite3TempSubscriberStorage, Subscriber, discover


def subscribe(port: int, feed: str) -> None:
    app = Flask("subscriber")
    app.config["SERVER_NAME"] = f"127.0.0.1:{port}"
    subscriber = Subscriber(SQLite3SubscriberStorage("subs.db"), SQLite3TempSubscriberStorage("temp.db"))
    app.register_blueprint(subscriber.build_blueprint(url_prefix="/callbacks"))
    subscriber.add_success_handler(lambda topic, _, mode: print(mode, topic, flush=True))
    subscriber.add_error_handler(lambda topic, _, reason: print("error", topic, reason, flush=True))
    subscriber.add_listener(lambda topic, _, body: print("took", topic, len(body), flush=True))

    def ask() -> None:
        with app.app_context():
            callback = subscriber.subscribe(**discover(feed))
            for line in sys.stdin:
                if line.strip() == "renew":
                    subscriber.renew(callback)
                else:
                    subscriber.unsubscribe(callback)

    threading.Thread(target=ask, daemon=True).start()
    app.run("127.0.0.1", port, threaded=True)


def publish(port: int, hub: str) -> None:
    app = Flask("publisher")
    init_publisher(app)
    lines = ["first"]
    topic = f"http://127.0.0.1:{port}/topic"

    @app.route("/topic")
    @publisher(topic, hub)
    def serve() -> Response:
        return Response("\n".join(lines), mimetype="text/plain")

    def ping() -> None:
        for line in sys.stdin:
            lines.append(line.strip())
            answer = requests.post(hub, data={"hub.mode": "publish", "hub.url": topic}, timeout=10)
            print("pinged", answer.status_code, flush=True)

    threading.Thread(target=ping, daemon=True).start()
    app.run("127.0.0.1", port, threaded=True)


if __name__ == "__main__":
    {"subscribe": subscribe, "publish": publish}[sys.argv[1]](int(sys.argv[2]), sys.argv[3])

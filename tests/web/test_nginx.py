"""A real nginx with deploy/nginx.conf over an exported site: field by field what the service answers."""

from __future__ import annotations

import http.client
import os
import re
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from feedhub.model.picture import MEDIA, Image, Picture
from feedhub.model.safehtml import make_safe
from feedhub.publish.file_tree import FileTree
from feedhub.store.articles import put_article
from feedhub.store.exports import document_heads
from feedhub.store.pictures import put_picture
from feedhub.web.exporting import Exporter
from tests.kit import LOCAL, NOW, an_article
from tests.web.conftest import Reply, Running, build, free_port, served

DEPLOY = Path(__file__).resolve().parents[2] / "deploy" / "nginx.conf"
# Each server makes its own of these (SEMANTICS 19), and no other.
THEIR_OWN = {"server", "date", "connection", "etag"}
AROUND = """
daemon off; master_process off; pid {folder}/pid; error_log stderr;
events {{ worker_connections 512; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    include {folder}/feedhub.conf;
}}
"""


class Nginx:
    """nginx before a running site, over the files of its export."""

    def __init__(self, running: Running, root: Path, folder: Path, program: str) -> None:
        self.running, self.root, self.program = running, root, program
        self.port, self.picture = free_port(), ""
        folder.mkdir()
        text = DEPLOY.read_text(encoding="utf-8").replace("/srv/feedhub", str(root))
        text = text.replace("listen 80;", f"listen 127.0.0.1:{self.port};").replace("    listen [::]:80;\n", "")
        (folder / "feedhub.conf").write_text(text.replace("127.0.0.1:8080", f"127.0.0.1:{running.port}"))
        (folder / "nginx.conf").write_text(AROUND.format(folder=folder))
        if os.geteuid() == 0:  # its workers would be nobody's, who may not look into root's folders
            (folder / "nginx.conf").write_text(f"user root;{AROUND.format(folder=folder)}")
        self.log = folder / "log"
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                [program, "-c", str(folder / "nginx.conf"), "-p", str(folder)], stdout=log, stderr=log
            )
        for _ in range(200):
            with socket.socket() as trial:
                if trial.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            assert self._process.poll() is None, self.log.read_text()
            time.sleep(0.02)
        pytest.fail(self.log.read_text())

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(10)

    def get(self, path: str, method: str = "GET", **headers: str) -> Reply:
        return self._answer(self.port, path, method, headers)

    def service(self, path: str, method: str = "GET", **headers: str) -> Reply:
        return self._answer(self.running.port, path, method, headers)

    def _answer(self, port: int, path: str, method: str, headers: dict[str, str]) -> Reply:
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            line.request(method, path, headers={"Accept-Encoding": "identity"} | named)
            found = line.getresponse()
            fields = [(name.lower(), value) for name, value in found.getheaders()]
            return Reply(found.status, dict(fields), found.read(), fields)
        finally:
            line.close()


def a_picture(running: Running) -> str:
    """A published article with a stored picture; the picture's digest."""
    small = Image(type="image/png", width=1, height=1, body=b"\x89PNG\r\n\x1a\nsmall")
    with running.store.write() as tx:
        name = put_picture(tx, Picture(image=small), NOW)
        piece = an_article("pictured", html=make_safe(f'<p><img src="{MEDIA}{name}" alt=""></p>'))
        put_article(tx, piece, now=NOW, late=False, by="test")
    return name


@pytest.fixture(scope="module")
def nginx(tmp_path_factory: pytest.TempPathFactory, program: Callable[[str], str]) -> Iterator[Nginx]:
    found = program("nginx")
    folder = tmp_path_factory.mktemp("nginx")
    site, style = build(folder)
    with served(site, style) as running:
        picture = a_picture(running)
        tree = FileTree(folder / "out")
        Exporter(site, style.digest, tree).everything(lambda _done, _whole: None)
        made = Nginx(running, folder / "out", folder / "behind", found)
        made.picture = picture
        yield made
        made.close()
        tree.close()
    site.store.close()


def told(reply: Reply) -> dict[str, str]:
    assert len(reply.fields) == len(reply.headers), "no field stands twice"
    return {name: value for name, value in reply.headers.items() if name not in THEIR_OWN}


def test_nginx_answers_as_the_service_does(nginx: Nginx) -> None:
    """Every document and one address of every other kind; plain and packed; and what has no file at all."""
    with nginx.running.store.read() as tx:
        paths = [head.path for head in document_heads(tx)]
    assert len(paths) > 20
    documents = set(paths)
    assert any("/archive/" in path for path in paths)
    paths += [
        "/", "/rss/", "/sections/life/", "/articles/hard", "/articles/gone", "/opml.xml",
        "/opml/life.xml", "/robots.txt",
        "/sitemap.xml", "/sitemap-1.xml", "/sitemap-sections.xml", "/sitemap-news.xml", "/static/feedhub.css?v=1",
        "/rss/zh/", "/rss/embed", "/rss/embed?section=life", "/rss/zh/subscribe/life", "/rss/subscribe/none",
        "/rss/en/",
        "/qr/life.svg", "/widget.js", "/style/icon.svg", "/style/icon.png", "/favicon.ico", f"{MEDIA}{nginx.picture}",
        f"/rss/{LOCAL}.xml?limit=3", f"/rss/{LOCAL}.xml?utm_source=x", f"/json/{LOCAL}.json?x=1&lang=en",
        f"/rss/{LOCAL}/archive/1.xml?ids=12", "/articles/hard?size=large", f"/sections/{LOCAL}/?before=x", "/rss",
        "/search?q=Title", "/rss/search.xml?q=Title", "/embed/life", "/rss/none.xml", "/articles/none", "/nowhere",
        "/articles/hard.html", "/index.html", "/rss/life.xml.gz", "/.feedhub/manifest",
        "/.feedhub/gone/articles/gone.html",
        "//rss//life.xml", "/rss/old-news/local.xml", "/media/none", "/healthz",
    ]  # fmt: skip
    for path in paths:
        stored = ("br", "zstd") if path in documents else ()
        for coding in ("identity", "gzip", *stored):
            ours, theirs = nginx.service(path, Accept_Encoding=coding), nginx.get(path, Accept_Encoding=coding)
            assert theirs.status == ours.status, path
            assert told(theirs) == told(ours), f"{path} {coding}"
            assert theirs.body == ours.body, f"{path} {coding}"
            if path in documents:
                assert ours.headers.get("content-encoding", "identity") == coding, "all four are there"
        asked = nginx.get(path, "HEAD", Accept_Encoding=coding)
        assert (asked.status, told(asked), asked.body) == (theirs.status, told(theirs), b""), path
    assert nginx.get("/articles/gone").status == 410
    assert b"the source took it back" in nginx.get("/articles/gone").body


def test_what_browsers_and_readers_say_is_taken_as_the_service_takes_it(nginx: Nginx) -> None:
    """Whether nginx knows the words or has to look for the forms."""
    usual = re.findall(r'^    "?([a-z, ]+)"? \.(?:gz|br);$', DEPLOY.read_text(encoding="utf-8"), re.M)
    assert len(usual) > 5
    for said in (*usual, "gzip,deflate", "br,gzip", "zstd;q=0.5", "", "identity"):
        for path in (f"/rss/{LOCAL}.xml", f"/json/{LOCAL}.json"):
            ours, theirs = nginx.service(path, Accept_Encoding=said), nginx.get(path, Accept_Encoding=said)
            assert told(theirs) == told(ours), f"{path} {said}"
            assert theirs.body == ours.body, f"{path} {said}"


def test_conditional_requests_other_methods_and_a_service_that_is_away(nginx: Nginx) -> None:
    feed = f"/atom/{LOCAL}.xml"
    first = nginx.get(feed, Accept_Encoding="gzip")
    again = nginx.get(feed, Accept_Encoding="gzip", If_None_Match=first.headers["etag"])
    assert (again.status, again.body) == (304, b"")
    service = nginx.service(feed, Accept_Encoding="gzip", If_None_Match=nginx.service(feed).headers["etag"])
    assert service.status == 304
    assert told(again) == told(service), "a 304 says what the service's says"
    since = first.headers["last-modified"]
    assert nginx.get(feed, If_Modified_Since=since).status == 304
    assert nginx.get(feed, If_Modified_Since="Sat, 29 Oct 1994 19:43:31 GMT").status == 200
    assert nginx.get(feed, If_None_Match='"other"').status == 200
    page = nginx.get("/")
    assert nginx.get("/", If_None_Match=page.headers["etag"]).status == 304
    assert nginx.get(feed, Range="bytes=0-9").status == 200
    options = nginx.get(feed, "OPTIONS")
    assert (options.status, options.headers["access-control-allow-methods"]) == (204, "GET, HEAD")
    assert nginx.get(feed, "POST").status == nginx.service(feed, "POST").status == 405
    for refused in ("gzip;q=0", "br;q=0, gzip;q=0.0", "", "x-gzipped", "deflate"):
        assert "content-encoding" not in nginx.get(feed, Accept_Encoding=refused).headers, refused
    for taken in ("gzip;q=0.5", "deflate, GZIP", "gzip ; q=1.000", "br;q=0,gzip"):
        assert nginx.get(feed, Accept_Encoding=taken).headers["content-encoding"] == "gzip", taken


def test_the_files_are_served_while_the_service_is_away(nginx: Nginx, tmp_path: Path) -> None:
    alone = Running(nginx.running.site, nginx.running.store, nginx.running.style, free_port())
    made = Nginx(alone, nginx.root, tmp_path / "alone", nginx.program)
    try:
        assert made.get(f"/rss/{LOCAL}.xml").status == 200
        assert made.get("/articles/hard").status == 200
        away = made.get("/search?q=x")
        assert (away.status, away.headers["retry-after"]) == (503, "5")
        assert away.headers["content-type"] == "text/plain; charset=utf-8"
        assert b"still served" in away.body
        assert made.get("/articles/none").status == 503
    finally:
        made.close()

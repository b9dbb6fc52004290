"""Fetches pip's wheel from wherever this machine gets its packages, and takes it only with the locked digest.

Where packages come from is settled as pip settles it: PIP_* in the environment, then pip's configuration files; uv's
variables (UV_DEFAULT_INDEX, UV_INDEX_URL, UV_EXTRA_INDEX_URL, UV_INDEX, UV_FIND_LINKS) count where pip's are silent.
Reads the simple repository API as HTML (PEP 503) or JSON (PEP 691), over https, http or file.
"""

from __future__ import annotations

import base64
import configparser
import hashlib
import json
import os
import re
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit, urlunsplit
from urllib.request import Request

DEFAULT_INDEX = "https://pypi.org/simple"  # pip's own
ACCEPT = "application/vnd.pypi.simple.v1+json, text/html;q=0.5, */*;q=0.1"


class SetUpError(Exception):
    """Setting up cannot go on; the text says what is wrong, where, and what to do."""


@dataclass(frozen=True)
class Settings:
    """Where packages come from on this machine, and how to connect there."""

    indexes: tuple[str, ...]
    find_links: tuple[str, ...]
    ca_file: str | None
    client_cert: str | None
    proxy: str | None
    trusted_hosts: tuple[str, ...]
    timeout: float
    from_uv: Mapping[str, str]

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Settings:
        """From the environment and pip's files, the environment first."""
        files = _from_files(environment)
        from_uv = {}

        def get(name: str, *uv_names: str) -> str:
            own = environment.get("PIP_" + name.upper().replace("-", "_")) or files.get(name)
            if own:
                return own
            for uv_name in uv_names:
                if environment.get(uv_name):
                    # `name=address` is uv's form of a named index
                    words = [re.sub(r"^[\w-]+=(?=\w+://)", "", word) for word in environment[uv_name].split()]
                    from_uv["PIP_" + name.upper().replace("-", "_")] = " ".join(words)
                    return " ".join(words)
            return ""

        index = get("index-url", "UV_DEFAULT_INDEX", "UV_INDEX_URL") or DEFAULT_INDEX
        extra = get("extra-index-url", "UV_INDEX", "UV_EXTRA_INDEX_URL").split()
        find_links = tuple(get("find-links", "UV_FIND_LINKS").split())
        no_index = get("no-index").lower() in ("1", "true", "yes", "on")
        return cls(
            indexes=() if no_index else (index, *extra),
            find_links=find_links,
            ca_file=get("cert") or None,
            client_cert=get("client-cert") or None,
            proxy=get("proxy") or None,
            trusted_hosts=tuple(get("trusted-host").split()),
            timeout=float(get("timeout") or get("default-timeout") or 30),
            from_uv=from_uv,
        )

    def for_pip(self) -> Mapping[str, str]:
        """The variables that tell pip what only uv's variables said."""
        return self.from_uv


def fetch_pip(lock: Path, folder: Path, settings: Settings, say: Callable[[str], None]) -> Path:
    """Put the wheel of pip that `lock` names into `folder`; its path. SetUpError when no place has it."""
    found = re.search(r"(?m)^pip==(\S+)((?:.*\\\n)*.*)", lock.read_text())
    if found is None:
        raise SetUpError(f"{lock}: no line `pip==…`; run `make lock`.")
    version, digests = found[1], set(re.findall(r"sha256:([0-9a-f]{64})", found[2]))
    name = f"pip-{version}-py3-none-any.whl"
    tried: list[str] = []
    for place, page in _places(settings):
        try:
            address = _find(page, name, settings)
            content = _get(address, settings)[0] if address else None
        except (OSError, ValueError) as error:
            reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or error
            tried.append(f"{_shown(place)}: {reason}")
            continue
        if content is None:
            tried.append(f"{_shown(place)}: does not have {name}")
            continue
        if hashlib.sha256(content).hexdigest() not in digests:
            tried.append(
                f"{_shown(place)}: its {name} is not the one locked in {lock.name} (SHA-256 differs); not used"
            )
            continue
        wheel = folder / name
        wheel.write_bytes(content)
        say(f"Fetched pip {version} from {_shown(place)}")
        return wheel
    where = "\n".join("  " + line for line in tried) or "  none: PIP_NO_INDEX is set and PIP_FIND_LINKS is not"
    raise SetUpError(
        f"no pip {version} in any place packages come from:\n{where}\n"
        "Name a mirror with PIP_INDEX_URL=https://mirror.example/simple, or a folder that holds the wheels of\n"
        "requirements/bootstrap.txt and run.txt (or test.txt), with PIP_NO_INDEX=1 PIP_FIND_LINKS=/folder."
    )


def _places(settings: Settings) -> Iterator[tuple[str, str]]:
    """(place as the user named it, page to look at) in order of preference: folders cost nothing."""
    for place in settings.find_links:
        yield place, place
    for index in settings.indexes:
        yield index, index.rstrip("/") + "/pip/"


def _find(page: str, name: str, settings: Settings) -> str | None:
    """The address of the file `name` on a page of links, in a folder, or None."""
    folder = _local(page)
    if folder is not None:
        if (folder / name).is_file():
            return (folder / name).as_uri()
        page = (folder if folder.is_file() else folder / "index.html").as_uri()
        if not Path(unquote(urlsplit(page).path)).is_file():
            return None
    content, address, kind = _get(page, settings)
    if "json" in kind:
        links = [entry["url"] for entry in json.loads(content)["files"]]
    else:
        links = _Links.of(content.decode("utf-8", "replace"))
    for link in map(str, links):
        if unquote(urlsplit(link).path).rpartition("/")[2] == name:
            absolute = urlsplit(urljoin(address, link))
            credentials = _credentials(page)
            netloc = absolute.netloc
            if credentials and "@" not in netloc and absolute.hostname == urlsplit(page).hostname:
                netloc = f"{credentials}@{netloc}"
            return urlunsplit(absolute._replace(fragment="", netloc=netloc))
    return None


def _local(place: str) -> Path | None:
    parts = urlsplit(place)
    if parts.scheme == "file":
        return Path(unquote(parts.path))
    return Path(place).expanduser() if "://" not in place else None


class _Links(HTMLParser):
    """Collects every href of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    @classmethod
    def of(cls, page: str) -> list[str]:
        links = cls()
        links.feed(page)
        return links.found

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.extend(value for name, value in attrs if tag == "a" and name == "href" and value)


def _get(address: str, settings: Settings) -> tuple[bytes, str, str]:
    """(bytes, final address, content type); tried three times; OSError when it cannot be had."""
    parts = urlsplit(address)
    credentials = _credentials(address)
    bare = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
    request = Request(bare, headers={"Accept": ACCEPT, "User-Agent": "feedhub-set-up"})
    if credentials:
        pair = ":".join(unquote(part) for part in credentials.partition(":")[::2])
        # not sent on to another host by a redirect
        request.add_unredirected_header("Authorization", "Basic " + base64.b64encode(pair.encode()).decode())
    handlers: list[urllib.request.BaseHandler] = [urllib.request.HTTPSHandler(context=_tls(parts.netloc, settings))]
    if settings.proxy:
        handlers.append(urllib.request.ProxyHandler({"http": settings.proxy, "https": settings.proxy}))
    opener = urllib.request.build_opener(*handlers)
    for attempt in (1, 2, 3):
        try:
            with opener.open(request, timeout=settings.timeout) as answer:
                return answer.read(), answer.geturl(), answer.headers.get("Content-Type") or "text/html"
        except urllib.error.HTTPError as error:
            error.close()
            if error.code < 500 or attempt == 3:
                raise OSError(f"{_shown(address)} answers {error.code} {error.reason}") from error
        except OSError:
            if attempt == 3:
                raise
        time.sleep(attempt)
    raise AssertionError


def _credentials(address: str) -> str:
    return urlsplit(address).netloc.rpartition("@")[0]


def _tls(netloc: str, settings: Settings) -> ssl.SSLContext:
    if settings.ca_file and not Path(settings.ca_file).exists():
        raise SetUpError(f"PIP_CERT names {settings.ca_file}, which does not exist.")
    context = ssl.create_default_context(cafile=settings.ca_file)
    host = netloc.rpartition("@")[2]
    if host in settings.trusted_hosts or host.rpartition(":")[0] in settings.trusted_hosts:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE  # asked for by name, as with pip; the digest still decides
    if settings.client_cert:
        context.load_cert_chain(settings.client_cert)
    return context


def _shown(place: str) -> str:
    """The place without a password in it."""
    return re.sub(r"//[^/@]*@", "//…@", place)


def _from_files(environment: Mapping[str, str]) -> dict[str, str]:
    """pip's configuration files, later ones winning; PIP_CONFIG_FILE=/dev/null means none."""
    named = environment.get("PIP_CONFIG_FILE")
    if named == os.devnull:
        return {}
    home = Path(environment.get("HOME") or "~").expanduser()
    files = [Path(folder) / "pip" / "pip.conf" for folder in environment.get("XDG_CONFIG_DIRS", "/etc/xdg").split(":")]
    files += [Path("/etc/pip.conf"), home / ".pip" / "pip.conf"]
    files.append(Path(environment.get("XDG_CONFIG_HOME") or home / ".config") / "pip" / "pip.conf")
    values: dict[str, str] = {}
    for file in [*files, *([Path(named)] if named else [])]:
        parser = configparser.RawConfigParser()
        try:
            parser.read(file, encoding="utf-8")
        except (configparser.Error, UnicodeDecodeError) as error:
            raise SetUpError(f"{file}: not a configuration file of pip: {error}") from error
        for section in ("global", "install"):
            if parser.has_section(section):
                values.update({key.replace("_", "-"): value for key, value in parser.items(section)})
    return values

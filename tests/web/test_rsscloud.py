"""rssCloud over HTTP: REST in XML and JSON, XML-RPC with faults, `<cloud>` once per channel."""

from __future__ import annotations

import xmlrpc.client
from collections.abc import Callable

import pytest

from tests.kit import LOCAL
from tests.web.conftest import Running

RSS = f"/rss/{LOCAL}.xml"


def test_over_http(start: Callable[..., Running]) -> None:
    site = start()
    topic = site.site.portal.base_url + RSS
    with xmlrpc.client.ServerProxy(f"http://127.0.0.1:{site.port}/RPC2") as rpc:
        assert rpc.rssCloud.ping(topic) is True
        with pytest.raises(xmlrpc.client.Fault, match="no method dance"):
            rpc.dance()
    fields = {"Content_Type": "application/x-www-form-urlencoded"}
    body = f"port=80&path=/x&protocol=http-post&domain=receiver.example&url1={topic}".encode()
    found = site.get("/rsscloud/pleaseNotify", "POST", body, **fields)
    assert (found.status, 'success="true"' in found.text) == (200, True), found.text
    found = site.get("/rsscloud/pleaseNotify", "POST", b"port=80", Accept="application/json", **fields)
    assert (found.status, '"success": false' in found.text) == (200, True)
    assert 'success="false"' in site.get("/rsscloud/ping", "POST", b"url=http://other.example/", **fields).text
    assert site.get(RSS).text.count("<cloud ") == 1
    assert "<cloud " not in site.get(f"{RSS[:-4]}/archive/1.xml").text

"""The key `alerts`: whole or refused, and its secrets are in no fault, no listing and no repr (PROMISES 90)."""

from __future__ import annotations

from pathlib import Path

import pytest

from feedhub.config.schema import shown_settings
from tests.config.test_load import faults, load

KEY = "whsec_" + "c2VjcmV0LWNhbmFyeS1zZWNyZXQtY2FuYXJ5IQ=="
URL = "https://hooks.example.org/T0P/canary-in-the-path"
WHOLE = f"""\
alerts:
  webhooks: [{{url: "{URL}", secret: "{KEY}"}}]
  email:
    {{smtp: "smtp://mail.example.org", from: hub@example.org, to: d@example.org, username: hub, password: canary-word}}
  after: 10m
"""


def test_all_of_it_and_nothing_secret_is_shown(tmp_path: Path) -> None:
    config = load(tmp_path, WHOLE)
    alerts = config.settings.alerts
    assert alerts.webhooks[0].signing_key() == b"secret-canary-secret-canary!"
    assert (alerts.email.sender, alerts.email.to) == ("hub@example.org", ("d@example.org",))
    assert (alerts.after.total_seconds(), alerts.again.total_seconds()) == (600, 86400)
    shown = {key: value for key, value, _ in shown_settings(config)}
    assert shown["alerts.email.from"] == "hub@example.org" and "hooks.example.org" in shown["alerts.webhooks"][0]
    for text in (str(shown), repr(config.settings)):
        plain = text.lower().replace("'hub.canary'", "").replace("canary=true", "")
        assert "canary" not in plain and KEY not in text


def test_the_environment_and_files_of_secrets(tmp_path: Path) -> None:
    (tmp_path / "word").write_text("canary-word\n")
    (tmp_path / "hooks").write_text(f'[{{"url": "{URL}", "secret": "{KEY}"}}]')
    environ = {
        "FEEDHUB__ALERTS__WEBHOOKS_FILE": "hooks",
        "FEEDHUB__ALERTS__EMAIL__SMTP": "smtps://mail.example.org",
        "FEEDHUB__ALERTS__EMAIL__FROM": "hub@example.org",
        "FEEDHUB__ALERTS__EMAIL__TO": '["desk@example.org"]',
        "FEEDHUB__ALERTS__EMAIL__USERNAME": "hub",
        "FEEDHUB__ALERTS__EMAIL__PASSWORD_FILE": "word",
    }
    alerts = load(tmp_path, "", environ).settings.alerts
    assert alerts.email.password is not None and alerts.email.password.get_secret_value() == "canary-word"
    assert alerts.webhooks[0].url.get_secret_value() == URL


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("alerts: {hooks: []}", "alerts.hooks: is not a key here"),
        ("alerts: {after: soon}", "alerts.after"),
        ("alerts: {email: {smtp: 'smtp://m.example'}}", "alerts.email: names smtp, from and to"),
        ("alerts: {email: {smtp: 'smtp://hub:canary@m.example', from: a@b.example, to: [a@b.example]}}", "email.smtp"),
        ("alerts: {email: {smtp: 'smtp://m.example', from: a@b.example, to: ['canary <a@b>']}}", "email.to[0]"),
        ("alerts: {email: {username: canary}}", "names both username and password"),
        (f"alerts: {{webhooks: [{{url: '{URL}'}}]}}", "alerts.webhooks[0].secret: is missing"),
        (f"alerts: {{webhooks: [{{url: '{URL}', secret: canary}}]}}", "alerts.webhooks[0].secret: is not whsec_"),
        (f"alerts: {{webhooks: [{{url: 'file:///canary', secret: '{KEY}'}}]}}", "alerts.webhooks[0].url: is not"),
    ],
)
def test_what_is_wrong_is_refused_with_its_place(tmp_path: Path, text: str, expected: str) -> None:
    found = "\n".join(faults(tmp_path, text))
    assert expected in found and "config.yaml:1:" in found
    assert "to[0]" in expected or "canary" not in found

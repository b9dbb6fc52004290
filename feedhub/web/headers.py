"""The header fields that stand on every answer, errors and files included (PROMISES B6 33, 101)."""

from __future__ import annotations

from feedhub.web.conditional import Headers

# Pages load nothing from other hosts, run only our own script file and cannot be framed. A feed opened in a
# browser is under the same rule: it needs its stylesheet and the icon that the sheet names.
_CSP = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
# The page that builds embedded lists shows them: our own frame, our own widget, which reads our own feed.
BUILDER: Headers = (("content-security-policy", f"{_CSP}; frame-src 'self'; connect-src 'self'"),)
# What others may frame runs nothing and sends nothing (PROMISES B2 33: these addresses alone).
EMBEDDED: Headers = (
    ("content-security-policy", "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors *"),
)


def safety_headers(*, secure: bool) -> Headers:
    """The fields, in lower case; `secure` when the public address is https."""
    return (
        ("content-security-policy", _CSP),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "same-origin"),
        ("server", "FeedHub"),
        *((("strict-transport-security", "max-age=31536000"),) if secure else ()),
    )

"""`/rss/embed`: choose a section and a look, see it, copy the code. A form with GET; no script is needed."""

from __future__ import annotations

from html import escape
from typing import Literal

from flask import Response, render_template, request

from feedhub.model.section import ALL, Section
from feedhub.publish.wording import section_title
from feedhub.web.embed import MOST, Embedding, embed_path, read_embedding
from feedhub.web.front import Front
from feedhub.web.headers import BUILDER
from feedhub.web.replies import reply, represent_text

Form = Literal["frame", "script"]


def answer(site: Front, *, canonical: str, translations: list[tuple[str, str]]) -> Response:
    """The page for the present request's choices; what is not known is as usual."""
    section = site.feeds.get(request.args.get("section", ""), site.sections[ALL])
    form: Form = "script" if request.args.get("form") == "script" else "frame"
    look = read_embedding(request.args)
    attributes = script_attributes(section, look)
    code = frame_code(site, section, look) if form == "frame" else script_code(site, attributes)
    text = render_template(
        "builder.html",
        sections=site.feeds,
        section=section,
        look=look,
        form=form,
        most=MOST,
        code=code,
        framed=embed_path(section.id, look),
        height=frame_height(look),
        attributes=attributes,
        canonical=canonical,
        translations=translations,
    )
    return reply(represent_text(text, "text/html; charset=utf-8", extra=BUILDER))


def frame_code(site: Front, section: Section, look: Embedding) -> str:
    """The frame for other people's pages; it may open what is clicked and nothing else."""
    language = look.language or site.portal.language
    return (
        f'<iframe src="{escape(site.absolute(embed_path(section.id, look)))}"\n'
        f'  title="{escape(f"{section_title(section, language)} · {site.portal.name}")}"\n'
        f'  width="100%" height="{frame_height(look)}" loading="lazy"\n'
        '  sandbox="allow-popups allow-popups-to-escape-sandbox"></iframe>'
    )


def script_attributes(section: Section, look: Embedding) -> list[tuple[str, str]]:
    """The look as attributes of the script; what is usual is left out."""
    said = [("data-section", section.id)]
    if look.count != Embedding().count:
        said.append(("data-count", str(look.count)))
    if look.theme != "auto":
        said.append(("data-theme", look.theme))
    if look.language:
        said.append(("data-lang", look.language))
    if look.summary:
        said.append(("data-summary", ""))
    return said


def script_code(site: Front, attributes: list[tuple[str, str]]) -> str:
    """The script for other people's pages."""
    said = "".join(f' {name}="{escape(value)}"' if value else f" {name}" for name, value in attributes)
    return f'<script async src="{escape(site.absolute("/widget.js"))}"\n {said}></script>'


def frame_height(look: Embedding) -> int:
    """Pixels that the list needs as a rule; longer titles scroll."""
    return 110 + look.count * (160 if look.summary else 86)

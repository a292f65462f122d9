"""The protocol as one page that needs nothing beside it and prints on A4."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Iterator, Sequence
from functools import cache
from html import escape
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token
from PIL import Image

from study_app.frozen import Frozen
from study_app.protocol.document import document

_STYLE = (Path(__file__).with_name("protocol.css")).read_text(encoding="utf-8")
_SIDE = 220  # pixels of a small picture: sharp at 3 cm on paper
_ADDRESS = "stimuli/"


def page(study: Frozen, stimuli: Path) -> str:
    """The page as text; participants' texts can put neither tags nor addresses into it.

    Arguments:
        stimuli: the folder of pictures.
    """
    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = reader.parse(document(study, lambda sha256: f"{_ADDRESS}{sha256}"))
    small = cache(lambda sha256: _small(stimuli / f"{sha256}.png"))
    for token in _all(tokens):
        if token.type == "image":
            address = str(token.attrs.get("src", ""))
            sha256 = address.removeprefix(_ADDRESS)
            if address.startswith(_ADDRESS) and re.fullmatch("[0-9a-f]{64}", sha256):
                token.attrs["src"], wide = small(sha256)
                if wide:
                    token.attrs["class"] = "wide"
            else:
                # A picture from elsewhere would be fetched when the page is opened.
                token.type, token.children = "text", None
        elif token.type == "blockquote_open":
            token.attrs |= {"lang": str(study.study.get("language", "en")), "dir": "auto"}
        elif token.type == "th_open":
            token.attrs["scope"] = "col"
    body = reader.renderer.render(tokens, reader.options, {})
    title = escape(f"Study protocol: {study.study['title']}")
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>\n{_STYLE}</style>\n</head>\n<body>\n<main>\n"
        f"{body}</main>\n</body>\n</html>\n"
    )


def _all(tokens: Sequence[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from _all(token.children or ())


def _small(path: Path) -> tuple[str, bool]:
    """The picture as an address that needs no file, and whether it is a row of pictures."""
    with Image.open(path) as image:
        wide = image.width > 2.5 * image.height
        # Two faces side by side are twice as wide, a row of segments four times.
        image.thumbnail((_SIDE * (3 if wide else 2), _SIDE))
        ground = Image.new("RGB", image.size, "white")
        rgba = image.convert("RGBA")
        ground.paste(rgba, mask=rgba)
    data = io.BytesIO()
    ground.save(data, "JPEG", quality=85)
    return "data:image/jpeg;base64," + base64.b64encode(data.getvalue()).decode(), wide

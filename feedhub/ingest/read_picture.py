"""A picture of any origin into bytes of ours: decoded within bounds, turned upright, written anew without what it told.

Runs in the parser child. JPEG, PNG, GIF and WebP are taken, of a moving one the first frame; everything else is
refused by name, SVG first. Nothing of the file but its pixels goes on: no EXIF, no comments, no second file behind it.
"""

from __future__ import annotations

import warnings
from io import BytesIO
from typing import Any

from feedhub.errors import HostileDocument, ParseError
from feedhub.model.picture import Image, Picture

FORMATS = ("JPEG", "PNG", "GIF", "WEBP")
MOST_PIXELS = 40_000_000
LONGEST_SIDE = 1600
THUMBNAIL_SIDE = 320
LARGEST = 2 * 1024 * 1024
# What is no larger than this shows nothing: it tells its owner who reads.
PIXEL = 2


def read_picture(body: bytes) -> Picture:
    """The picture, at most LONGEST_SIDE on a side; ParseError when it is none, HostileDocument for a bomb."""
    import PIL.Image

    PIL.Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", PIL.Image.DecompressionBombWarning)
            with PIL.Image.open(BytesIO(body), formats=FORMATS) as found:
                if found.width * found.height > MOST_PIXELS:
                    raise HostileDocument(
                        f"The picture has {found.width} x {found.height} pixels, more than we decode."
                    )
                pixel = found.width <= PIXEL and found.height <= PIXEL
                upright = _upright(found)
                return Picture(
                    image=_written(upright, LONGEST_SIDE, 85),
                    thumbnail=None if max(upright.size) <= THUMBNAIL_SIDE else _written(upright, THUMBNAIL_SIDE, 80),
                    pixel=pixel,
                )
    except (PIL.Image.DecompressionBombWarning, PIL.Image.DecompressionBombError) as error:
        raise HostileDocument("The picture unpacks to more pixels than we decode.") from error
    except PIL.UnidentifiedImageError as error:
        raise ParseError("This is no JPEG, PNG, GIF or WebP picture.") from error
    except (OSError, ValueError, SyntaxError, EOFError, IndexError, TypeError, AttributeError) as error:
        raise ParseError(f"The picture cannot be decoded ({type(error).__name__}).") from error


def _upright(found: Any) -> Any:
    """Its pixels as they are to be seen, in plain colours, with transparency where there is any."""
    import PIL.ImageOps

    found.load()
    turned = PIL.ImageOps.exif_transpose(found)
    clear = "A" in turned.getbands() or "transparency" in turned.info
    return turned.convert("RGBA" if clear else "RGB")


def _written(picture: Any, side: int, quality: int) -> Image:
    """The picture within a square of `side` pixels, as JPEG, or PNG where it is transparent or comes out smaller."""
    fitted = picture.copy()
    fitted.thumbnail((side, side))
    clear = fitted.mode == "RGBA"
    body = _saved(fitted, "PNG", optimize=False) if clear or fitted.width * fitted.height <= 640 * 640 else b""
    kind = "image/png"
    if not clear:
        jpeg = _saved(fitted, "JPEG", quality=quality, optimize=True)
        if not body or len(jpeg) < len(body):
            body, kind = jpeg, "image/jpeg"
    if len(body) > LARGEST and side > THUMBNAIL_SIDE:
        return _written(picture, side // 2, quality)
    return Image(type=kind, width=fitted.width, height=fitted.height, body=body)


def _saved(picture: Any, form: str, **options: Any) -> bytes:
    out = BytesIO()
    # What the file said of itself travels in `info`, which savers may write out again.
    picture.info = {}
    picture.save(out, form, **options)
    return out.getvalue()

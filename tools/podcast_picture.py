"""Draws `feeds/style/podcast.png`, the picture that podcast directories show: the portal's mark, 1400 pixels square.

    .venv/bin/python tools/podcast_picture.py [FILE]

The shapes are those of `feeds/style/icon.svg`, on a ground without corners: directories round them themselves. They are
drawn large and made smaller, which smooths their edges. Directories want 1400 to 3000 pixels, RGB, nothing transparent.
"""

from __future__ import annotations

import sys
from pathlib import Path

from PIL import Image, ImageDraw

SIDE, FINER = 1400, 3
# Of the drawing: its own units, and how much of the square it takes.
UNITS, SHARE = 144, 0.86
GROUND, SUN, ROCK, SNOW, RIVER = "#0f4c5c", "#f4b942", "#f7f3e8", "#9cc5c1", (0x7F, 0xD1, 0xCB)
MOUNTAIN = [(14, 92), (58, 30), (76, 56), (88, 42), (130, 92)]
PEAK = [(58, 30), (76, 56), (66, 62), (57, 52), (47, 60), (40, 55)]
RIVERS = ((104, 1.0), (117, 0.8), (130, 0.6))
Point = tuple[float, float]


def draw() -> Image.Image:
    """The picture."""
    scale = SIDE * FINER * SHARE / UNITS
    edge = SIDE * FINER * (1 - SHARE) / 2

    def at(point: Point) -> Point:
        return edge + point[0] * scale, edge + point[1] * scale - edge * 0.35

    def circle(middle: Point, radius: float, colour: str | tuple[int, ...]) -> None:
        (x, y), r = at(middle), radius * scale
        pen.ellipse((x - r, y - r, x + r, y + r), fill=colour)

    image = Image.new("RGB", (SIDE * FINER, SIDE * FINER), GROUND)
    pen = ImageDraw.Draw(image)
    circle((107, 36), 12, SUN)
    pen.polygon([at(point) for point in MOUNTAIN], fill=ROCK)
    pen.polygon([at(point) for point in PEAK], fill=SNOW)
    for height, strength in RIVERS:
        for point in waves(18, height):
            circle(point, 3, mixed(RIVER, strength))
    return image.reduce(FINER)


def waves(left: float, height: float) -> list[Point]:
    """Points along four half waves, each a quadratic curve of 27 units, up and down by turns, close enough to be a line."""
    steps = 270
    found = []
    for number in range(4):
        bend = -10 if number % 2 == 0 else 10
        for step in range(steps + 1):
            t = step / steps
            found.append((left + 27 * (number + t), height + 2 * t * (1 - t) * bend))
    return found


def mixed(colour: tuple[int, int, int], strength: float) -> tuple[int, ...]:
    """The colour as it looks on the ground at that strength."""
    ground = tuple(int(GROUND[place : place + 2], 16) for place in (1, 3, 5))
    return tuple(round(one * strength + under * (1 - strength)) for one, under in zip(colour, ground, strict=True))


if __name__ == "__main__":
    target = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parents[1] / "feeds/style/podcast.png")
    draw().save(target, "PNG", optimize=True)
    print(f"{target}: {SIDE} x {SIDE}, {target.stat().st_size} bytes")

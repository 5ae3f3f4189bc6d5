"""The shapes that a picture is made of, as SVG."""

from xml.sax.saxutils import escape

INK, THREAD = "#1d2733", "#8796a5"


def box(x: int, y: int, width: int, height: int, fill: str, stroke: str, *, dashed: bool = False) -> str:
    dashes = ' stroke-dasharray="5 4"' if dashed else ""
    return f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="8" fill="{fill}" stroke="{stroke}"{dashes}/>'


def text(
    x: float,
    y: float,
    text: str,
    colour: str = INK,
    *,
    size: float | None = None,
    bold: bool = False,
    italic: bool = False,
    anchor: str | None = None,
) -> str:
    style = f' font-size="{size}"' if size else ""
    style += ' font-weight="600"' if bold else ""
    style += ' font-style="italic"' if italic else ""
    style += f' text-anchor="{anchor}"' if anchor else ""
    return f'<text x="{x:g}" y="{y:g}" fill="{colour}"{style}>{escape(text)}</text>'


def arrow(x: int, top: int, bottom: int) -> str:
    return (
        f'<path d="M{x} {top + 2}V{bottom - 7}" stroke="{THREAD}" stroke-width="1.6"/>'
        f'<path d="M{x - 5} {bottom - 9}h10l-5 8z" fill="{THREAD}"/>'
    )

"""Pictures of the page: drawn by ``plots``, as PNG bytes, without pyplot and so without a window system."""

from __future__ import annotations

import io
from base64 import b64encode
from collections.abc import Callable, Sequence
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Panel = Callable[["Axes"], object]
DPI = 100
STYLE = "<style>.gt-table{border-collapse:collapse;font-size:15px}.gt-table td,.gt-table th{padding:3px 14px 3px 0;text-align:left}</style>"


def png(panel: Panel, size: tuple[float, float] = (7.2, 4.8), *, framed: bool = True) -> bytes:
    """Return what ``panel(ax)`` draws on axes of ``size`` inches; a table has nothing around its axes, and is not ``framed``."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=size, dpi=DPI, layout="constrained" if framed else None)
    FigureCanvasAgg(figure)
    # Finding room for labels takes as long as drawing does.
    panel(figure.subplots() if framed else figure.add_axes((0.02, 0.02, 0.96, 0.88)))
    stream = io.BytesIO()
    # The lowest compression: the bytes go to the same computer, and packing them well takes longer than sending them.
    figure.savefig(stream, format="png", dpi=DPI, pil_kwargs={"compress_level": 1})
    return stream.getvalue()


def table(columns: Sequence[str], rows: Sequence[Sequence[object]], name: str = "") -> str:
    """Return a table as HTML; every cell is escaped."""
    head = "".join(f"<th>{escape(column)}</th>" for column in columns)
    body = "".join("<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row) + "</tr>" for row in rows)
    scroll = "overflow-x:auto"
    return f'{STYLE}<div style="{scroll}"><table class="gt-table" data-name="{escape(name)}"><tr>{head}</tr>{body}</table></div>'


def image_html(picture: bytes) -> str:
    """Return a PNG as an HTML image in its own size.

    The bytes stand in the page itself: a file of its own may be gone before the browser asks for it, when pictures follow each other.
    """
    width = int.from_bytes(picture[16:20], "big")
    return f'<img class="gt-picture" style="max-width:100%;width:{width}px" src="data:image/png;base64,{b64encode(picture).decode()}">'

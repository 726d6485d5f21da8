"""The page in the browser: ``gametheory-rl app``.

What the page shows is computed by plain functions, one file per section; ``_page`` is the marimo notebook that calls them.
The server answers this computer alone, and only under its own name, so that no other page can ask it for anything.
"""

from gametheory_rl.app._serve import serve

__all__ = ["serve"]

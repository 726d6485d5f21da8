"""How Sphinx builds the pages: ``python3 dev.py docs``."""

import gametheory_rl

project = "gametheory_rl"
author = "The gametheory_rl authors"
copyright = "2026, " + author
version = release = gametheory_rl.__version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.mathjax",  # the reader's browser draws the formulas; building fetches nothing
    "sphinx.ext.napoleon",
]
exclude_patterns = ["_build", "paradigms_table.md", "deep_paradigms_table.md", "deep_methods_table.md", "results"]
templates_path = ["_templates"]
html_theme = "furo"
html_title = "gametheory_rl"

myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3

# The public names are those in __all__: api.md lists modules, the template asks each for its names.
autosummary_generate = True
autosummary_ignore_module_all = False
autosummary_imported_members = True
autodoc_member_order = "bysource"
autodoc_typehints = "none"  # the docstrings say types and shapes
autodoc_preserve_defaults = True
napoleon_google_docstring = False
napoleon_use_rtype = False
napoleon_preprocess_types = False
# A plain word of a shape, such as "actions", is no reference, though several classes have a field of that name.
suppress_warnings = ["ref.python"]

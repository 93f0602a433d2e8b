"""Pages of the server as a browser without script reads them."""

import sys
from pathlib import Path

from served import ORIGIN

sys.path.insert(0, str(Path(__file__).parent.parent / "clients" / "python"))
from browser import Forms  # noqa: E402


def here(location):
    """Path and query of an address of the server's own."""
    assert location.startswith((ORIGIN, "/")), location
    return location.removeprefix(ORIGIN)


def hidden(html):
    """The fields of all forms of a page."""
    return {name: value for form in Forms(html).by_id.values() for name, value in form["fields"]}

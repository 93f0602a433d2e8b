"""A browser that runs no script: cookies, redirects and forms. It stops where the relying party's redirect URI begins."""

from html.parser import HTMLParser
from urllib.parse import urljoin

import requests


class Forms(HTMLParser):
    """Collects the forms of a page by their id: action, fields, boxes and buttons."""

    def __init__(self, html):
        super().__init__()
        self.by_id = {}
        self._open = None
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "form":
            self._open = {"action": attrs.get("action", ""), "fields": [], "boxes": [], "buttons": []}
            self.by_id[attrs.get("id")] = self._open
        elif self._open is None or tag not in ("input", "button"):
            return
        elif tag == "button" or attrs.get("type") == "submit":
            self._open["buttons"].append((attrs.get("name"), attrs.get("value", "")))
        elif not attrs.get("name") or "disabled" in attrs:
            return
        elif attrs.get("type") in ("checkbox", "radio"):
            self._open["boxes"].append((attrs["name"], attrs.get("value", "on"), "checked" in attrs))
        else:
            self._open["fields"].append((attrs["name"], attrs.get("value") or ""))

    def handle_endtag(self, tag):
        if tag == "form":
            self._open = None


class Browser:
    def __init__(self, redirect_uri):
        self.redirect_uri = redirect_uri
        self.session = requests.Session()
        self.session.headers["Accept"] = "text/html"
        self.url = None
        self.page = None
        self.arrived = None

    def open(self, url, data=None):
        """Follows redirects to a page, or to the relying party: then `arrived` is the whole URL."""
        for _ in range(10):
            answer = self.session.request("GET" if data is None else "POST", url, data=data, allow_redirects=False, timeout=30)
            if not answer.is_redirect:
                self.url, self.page = url, answer
                return
            url, data = urljoin(url, answer.headers["Location"]), None
            if url.startswith(self.redirect_uri):
                self.arrived = url
                return
        raise AssertionError("too many redirects")

    def submit(self, form_id, checked=(), **values):
        """Sends a form as a person would: what is already filled in, `values` over it, and the boxes whose value is in `checked`."""
        form = Forms(self.page.text).by_id.get(form_id)
        assert form, f"no form {form_id!r} on {self.url} ({self.page.status_code})\n{self.page.text[:2000]}"
        data = [(name, values.get(name, value)) for name, value in form["fields"]]
        data += [(name, value) for name, value, on in form["boxes"] if on or value in checked]
        data += [button for button in form["buttons"][:1] if button[0]]
        self.open(urljoin(self.url, form["action"]), data)

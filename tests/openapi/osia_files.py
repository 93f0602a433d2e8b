"""OSIA's own interface files, and answers held against them: not the server's document, but what others go by."""

from pathlib import Path

import schemathesis
import yaml
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from served import ORIGIN, documented_path

# Where each is served.
PREFIXES = {
    "enrollment": "",
    "3rdparty": "",
    "notification": "",
    "uin": "",
    "pr": "/pr",
    "dataaccess": "/data",
}
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
# What a server must be able to say though the files do not list it.
ALWAYS = {401, 403, 405, 409, 413, 415, 429, 503}


def text_keys(value):
    """The same with text for every key: four of the files have integers for statuses. `plain/text` is no media type that the
    tester can write; the server takes `text/plain` in its place."""
    if isinstance(value, dict):
        return {{"plain/text": "text/plain"}.get(key, str(key)): text_keys(inner) for key, inner in value.items()}
    return [text_keys(inner) for inner in value] if isinstance(value, list) else value


def read(name):
    with open(Path(__file__).parent / "osia" / f"{name}.yaml", encoding="utf-8") as file:
        return text_keys(yaml.safe_load(file))


class File:
    """One interface file."""

    def __init__(self, name):
        self.name, self.prefix = name, PREFIXES[name]
        self.document = read(name)
        self.schema = schemathesis.openapi.from_dict(self.document)
        self.schema.config.update(base_url=ORIGIN + self.prefix)

    def operations(self):
        """Each as (path, method, description)."""
        for path, item in self.document["paths"].items():
            for method, operation in item.items():
                yield path, method, operation

    def hold(self, path, method, answer):
        """Holds an answer against the file."""
        if answer.status_code not in ALWAYS:
            told = f"{self.name} {method} {path}: {answer.status_code} {answer.text[:600]}"
            assert str(answer.status_code) in self.document["paths"][path][method]["responses"], told
            self.schema[path][method.upper()].validate_response(answer)


def files():
    """The files of which anything is served; then all of it must be."""
    every = [File(name) for name in PREFIXES]
    served = [file for file in every if any(documented_path(file.prefix + path) for path, _, _ in file.operations())]
    for file in every:
        if file not in served:
            print(f"not served: {file.name}.yaml")
    return served

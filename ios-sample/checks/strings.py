#!/usr/bin/env python3
"""Holds the texts of the sample against its string catalogs: every key in both languages, nothing untranslated, nothing unused,
no literal text in a view, and no picture that VoiceOver would read by its file name."""

import json
import re
import sys
from pathlib import Path

SAMPLE = Path(__file__).resolve().parent.parent
LANGUAGES = ("en", "fr")
PLACEHOLDER = re.compile(r"%(?:\d+\$)?(?:@|lld|ld|d|f)")
STRING = re.compile(r'"((?:[^"\\]|\\\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)|\\.)*)"')
INTERPOLATION = re.compile(r"\\\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)")
# What stands before a literal that nobody reads: names of symbols, of queues, of files, of keys in Info.plist, and the like.
NOT_SHOWN = re.compile(
    r"(systemImage: |systemName: |label: |forInfoDictionaryKey: |appendingPathComponent\(|named: )$"
)
NAMED_IN_MODELS = re.compile(r'(?:Message|self\.init)\("([^"]+)"\)')


def without_comments(source: str) -> str:
    lines = [line for line in source.splitlines() if not line.lstrip().startswith("//")]
    return "\n".join(re.sub(r'(^|[^:"])//.*$', r"\1", line) for line in lines)


def catalog_faults(path: Path) -> tuple[set[str], list[str]]:
    """The keys of a catalog, and what is wrong with it."""
    catalog = json.loads(path.read_text(encoding="utf-8"))
    faults = []
    if catalog["sourceLanguage"] != "en":
        faults.append(f"{path.name}: the source language is {catalog['sourceLanguage']}")
    for key, entry in catalog["strings"].items():
        found = entry.get("localizations", {})
        for language in LANGUAGES:
            unit = found.get(language, {}).get("stringUnit", {})
            text = unit.get("value", "")
            if unit.get("state") != "translated" or not text.strip():
                faults.append(f"{path.name}: '{key}' has no text in '{language}'")
            elif path.name == "Localizable.xcstrings" and sorted(PLACEHOLDER.findall(text)) != sorted(PLACEHOLDER.findall(key)):
                faults.append(f"{path.name}: '{key}' takes other values than its text in '{language}'")
        for other in set(found) - set(LANGUAGES):
            faults.append(f"{path.name}: '{key}' has a text in '{other}', which the app does not offer")
    return set(catalog["strings"]), faults


def view_literals(path: Path) -> list[tuple[str, str]]:
    """Every literal of a source with what stands before it; values put into a text become `%@`, as SwiftUI has it."""
    source = without_comments(path.read_text(encoding="utf-8"))
    return [(INTERPOLATION.sub("%@", found.group(1)), source[: found.start()][-60:]) for found in STRING.finditer(source)]


def unlabelled_pictures(path: Path) -> list[str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    faults = []
    for number, line in enumerate(lines):
        if not re.search(r"\bImage\(", line) or "decorative:" in line:
            continue
        # In a label's icon the label speaks.
        if any("icon:" in before for before in lines[max(0, number - 2) : number + 1]):
            continue
        following = "\n".join(lines[number : number + 8])
        if ".accessibilityHidden(true)" not in following and ".accessibilityLabel(" not in following:
            faults.append(f"{path.name}:{number + 1}: a picture without a label for VoiceOver")
    return faults


def main() -> int:
    keys, faults = catalog_faults(SAMPLE / "App/Localizable.xcstrings")
    faults += catalog_faults(SAMPLE / "App/InfoPlist.xcstrings")[1]
    used: set[str] = set()
    views = sorted((SAMPLE / "App").rglob("*.swift"))
    models = sorted((SAMPLE / "Models/Sources").rglob("*.swift"))
    if not views or not models:
        faults.append("no sources found")
    for path in views:
        faults += unlabelled_pictures(path)
        for literal, before in view_literals(path):
            if literal in keys:
                used.add(literal)
            elif not NOT_SHOWN.search(before) and literal:
                faults.append(f"{path.name}: literal text in a view: \"{literal}\"")
    for path in models:
        for key in NAMED_IN_MODELS.findall(without_comments(path.read_text(encoding="utf-8"))):
            used.add(key)
            if key not in keys:
                faults.append(f"{path.name}: '{key}' is not in the catalog")
    faults += [f"Localizable.xcstrings: nobody uses '{key}'" for key in sorted(keys - used)]
    for fault in faults:
        print(fault, file=sys.stderr)
    print(f"{len(keys)} texts in {len(LANGUAGES)} languages, {len(views)} views, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""Reads the Xcode project, the property lists and the asset catalog as Xcode would, and holds them against the files that are
there. Proves that they can be read and refer to what exists; whether Xcode builds them is for Xcode to say."""

import json
import plistlib
import re
import sys
import xml.etree.ElementTree as xml
from pathlib import Path

SAMPLE = Path(__file__).resolve().parent.parent
PROJECT = SAMPLE / "TesseraSample.xcodeproj"
TOKEN = re.compile(r'\s+|/\*.*?\*/|//[^\n]*|(?P<mark>[{}()=;,])|(?P<word>[A-Za-z0-9_./]+)|"(?P<text>(?:[^"\\]|\\.)*)"', re.S)
ID = re.compile(r"[0-9A-F]{24}")


class NotReadable(Exception):
    pass


def tokens(source: str):
    place = 0
    while place < len(source):
        found = TOKEN.match(source, place)
        if not found:
            line = source.count("\n", 0, place) + 1
            raise NotReadable(f"project.pbxproj:{line}: not readable")
        place = found.end()
        if found["mark"]:
            yield "mark", found["mark"]
        elif found["word"] is not None:
            yield "value", found["word"]
        elif found["text"] is not None:
            yield "value", found["text"].replace('\\"', '"')


class OldPlist:
    """NeXT's property list, in which projects are written."""

    def __init__(self, source: str):
        self.rest = list(tokens(source))

    def take(self, mark: str | None = None) -> str:
        if not self.rest:
            raise NotReadable("project.pbxproj ends too early")
        kind, text = self.rest.pop(0)
        if (mark is None) != (kind == "value") or (mark is not None and text != mark):
            raise NotReadable(f"project.pbxproj: '{text}' where {mark or 'a value'} should be")
        return text

    def next_is(self, mark: str) -> bool:
        return bool(self.rest) and self.rest[0] == ("mark", mark)

    def value(self):
        if self.next_is("{"):
            self.take("{")
            members = {}
            while not self.next_is("}"):
                name = self.take()
                self.take("=")
                if name in members:
                    raise NotReadable(f"project.pbxproj: '{name}' stands twice")
                members[name] = self.value()
                self.take(";")
            self.take("}")
            return members
        if self.next_is("("):
            self.take("(")
            items = []
            while not self.next_is(")"):
                items.append(self.value())
                if not self.next_is(")"):
                    self.take(",")
            self.take(")")
            return items
        return self.take()


def texts(value):
    if isinstance(value, dict):
        for member in value.values():
            yield from texts(member)
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)
    else:
        yield value


def project_faults() -> list[str]:
    reader = OldPlist((PROJECT / "project.pbxproj").read_text(encoding="utf-8"))
    project = reader.value()
    if reader.rest:
        return ["project.pbxproj: something stands after its end"]
    objects = project["objects"]
    faults = [f"no object {name}" for name in texts(project) if ID.fullmatch(name) and name not in objects]
    faults += [f"{name} is of no kind" for name, entry in objects.items() if "isa" not in entry]
    named = set(texts(project))
    faults += [f"nobody refers to {name} ({entry['isa']})" for name, entry in objects.items() if name not in named]

    def all_of(kind: str):
        return [entry for entry in objects.values() if entry.get("isa") == kind]

    for entry in all_of("PBXFileSystemSynchronizedRootGroup"):
        if not (SAMPLE / entry["path"]).is_dir():
            faults.append(f"no folder {entry['path']}")
        for exception in entry["exceptions"]:
            for path in objects[exception]["membershipExceptions"]:
                if not (SAMPLE / entry["path"] / path).is_file():
                    faults.append(f"no file {path} to leave out")
    for entry in all_of("PBXFileReference"):
        if entry["sourceTree"] == "<group>" and not (SAMPLE / entry["path"]).is_file():
            faults.append(f"no file {entry['path']}")
    (target,) = all_of("PBXNativeTarget")
    for entry in all_of("XCBuildConfiguration"):
        settings = entry["buildSettings"]
        for name in ("INFOPLIST_FILE", "CODE_SIGN_ENTITLEMENTS"):
            if name in settings and not (SAMPLE / settings[name]).is_file():
                faults.append(f"{name}: no file {settings[name]}")
        if "SWIFT_VERSION" in settings and settings["SWIFT_VERSION"] != "6.0":
            faults.append("the app is written in Swift 6")
    for entry in all_of("XCLocalSwiftPackageReference"):
        path = SAMPLE / entry["relativePath"]
        # What is made by a script stands under target.
        if "/target/" not in f"{path}" and not (path / "Package.swift").is_file():
            faults.append(f"no package in {entry['relativePath']}")
    products = {entry["productName"] for entry in all_of("XCSwiftPackageProductDependency")}
    imported = set()
    for path in (SAMPLE / "App").rglob("*.swift"):
        imported |= set(re.findall(r"^(?:@\w+ )?import (\w+)", path.read_text(encoding="utf-8"), re.M))
    faults += [f"product {name} is not imported" for name in products - imported]
    scheme = xml.parse(PROJECT / "xcshareddata/xcschemes/TesseraSample.xcscheme")
    for reference in scheme.iter("BuildableReference"):
        if objects.get(reference.get("BlueprintIdentifier")) is not target:
            faults.append("the scheme builds another target")
    return faults


def property_list(name: str) -> dict:
    with (SAMPLE / "App" / name).open("rb") as file:
        return plistlib.load(file)


def app_faults() -> list[str]:
    faults = []
    info = property_list("Info.plist")
    schemes = [scheme for entry in info["CFBundleURLTypes"] for scheme in entry["CFBundleURLSchemes"]]
    if schemes != ["tessera"]:
        faults.append("Info.plist: the URL scheme of login links is tessera")
    catalog = json.loads((SAMPLE / "App/InfoPlist.xcstrings").read_text(encoding="utf-8"))["strings"]
    for name in ("NSCameraUsageDescription", "NSFaceIDUsageDescription"):
        english = catalog[name]["localizations"]["en"]["stringUnit"]["value"]
        if info.get(name) != english:
            faults.append(f"Info.plist: {name} is not what the catalog says")
    if info["CFBundleLocalizations"] != ["en", "fr"]:
        faults.append("Info.plist: the app speaks English and French")
    rights = property_list("TesseraSample.entitlements")
    if not any(domain.startswith("applinks:") for domain in rights["com.apple.developer.associated-domains"]):
        faults.append("entitlements: no universal links")
    if not rights["keychain-access-groups"]:
        faults.append("entitlements: no keychain group")
    if property_list("PrivacyInfo.xcprivacy")["NSPrivacyTracking"]:
        faults.append("PrivacyInfo.xcprivacy: the app tracks nobody")
    for path in (SAMPLE / "App/Assets.xcassets").rglob("Contents.json"):
        json.loads(path.read_text(encoding="utf-8"))
    return faults


def main() -> int:
    try:
        faults = project_faults() + app_faults()
    except (NotReadable, KeyError, OSError, ValueError, plistlib.InvalidFileException) as error:
        faults = [f"{type(error).__name__}: {error}"]
    for fault in faults:
        print(fault, file=sys.stderr)
    print(f"project, property lists, entitlements, assets: {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())

"""Reports a library's stripped size and, by the symbols of the one that is not stripped, what it is made of.

usage: size.py LIBRARY STRIPPED MOST_BYTES
"""

import collections
import os
import re
import struct
import sys

# Crates by the mangled name: v0 has each crate as `C<disambiguator>_<length><name>`, the legacy form begins with it.
V0 = re.compile(r"C(?:s[0-9A-Za-z]*_)?(\d+)_?([A-Za-z_]\w*)")
LEGACY = re.compile(r"_ZN(\d+)")
IN_LEGACY = re.compile(r"([a-z_][a-z0-9_]*)\.\.")


def crate(name):
    if name.startswith("_R"):
        found = [match[2][: int(match[1])] for match in V0.finditer(name)]
        # `core::ptr::drop_in_place::<ours::Type>` is ours: the last crate that is not the standard library's.
        own = [one for one in found if one not in ("core", "alloc", "std")]
        return (own or found or ["?"])[-1]
    if match := LEGACY.match(name):
        first = name[match.end() : match.end() + int(match[1])]
        if "$" in first:
            found = IN_LEGACY.search(first)
            return found[1] if found else "?"
        return first
    if name.startswith(("uniffi_", "ffi_", "UNIFFI_")):
        return "exported to Kotlin and Swift"
    return "other"


def sections(data):
    """Name, type, offset, size and entry size of each section (ELF-64, little-endian)."""
    (offset,) = struct.unpack_from("<Q", data, 0x28)
    size, count, names = struct.unpack_from("<HHH", data, 0x3A)
    raw = [struct.unpack_from("<IIQQQQIIQQ", data, offset + size * number) for number in range(count)]
    text = raw[names][4]
    for entry in raw:
        start = text + entry[0]
        name = data[start : data.index(b"\0", start)].decode()
        yield name, entry[1], entry[4], entry[5], entry[6], entry[9], raw


def symbols(data):
    """Name and size of each function and object."""
    for name, _, offset, size, link, entry_size, raw in sections(data):
        if name != ".symtab":
            continue
        text = raw[link][4]
        for at in range(offset, offset + size, entry_size):
            start, info, _, place, _, length = struct.unpack_from("<IBBHQQ", data, at)
            if length and place and info & 15 in (1, 2):
                begin = text + start
                yield data[begin : data.index(b"\0", begin)].decode(), length


def main():
    library, stripped, most = sys.argv[1], sys.argv[2], int(sys.argv[3])
    with open(library, "rb") as file:
        data = file.read()
    parts = collections.Counter()
    for name, length in symbols(data):
        parts[crate(name)] += length
    print("by crate, of what has a symbol:")
    for name, length in parts.most_common(25):
        print(f"{length:>10}  {name}")
    print("by section:")
    shown = [(length, name) for name, kind, _, length, *_ in sections(data) if kind != 8 and length > 10_000]
    for length, name in sorted(shown, reverse=True):
        if name not in (".symtab", ".strtab"):
            print(f"{length:>10}  {name}")
    size = os.path.getsize(stripped)
    print(f"{size:>10}  stripped, of {most} allowed")
    if size > most:
        sys.exit("too large")


main()

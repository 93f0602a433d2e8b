#!/usr/bin/env python3
"""Takes the code of the guide out of its page: app/*.swift as it stands, run/FirstLogin.swift, which is the part without a
view, and run/Desk.swift, the program for Linux. Holds the guide to its word of fewer than 30 lines beside imports and blank ones.
usage: guide.py docs/guide-ios.md FOLDER"""

import re
import sys
from pathlib import Path

MOST_LINES = 29


def main(page: str, folder: str) -> int:
    blocks = re.findall(r"^```swift\n(.*?)^```$", Path(page).read_text(encoding="utf-8"), re.M | re.S)
    if not blocks or "struct ContentView" not in blocks[0]:
        print(f"{page}: no app", file=sys.stderr)
        return 1
    lines = [line for line in blocks[0].splitlines() if line.strip() and not line.startswith("import ")]
    if len(lines) > MOST_LINES:
        print(f"{page}: the app has {len(lines)} lines", file=sys.stderr)
        return 1
    model = blocks[0].split("struct ContentView", 1)[0]
    out = Path(folder)
    (out / "app").mkdir(parents=True, exist_ok=True)
    (out / "run").mkdir(parents=True, exist_ok=True)
    for number, block in enumerate(blocks):
        (out / f"app/Block{number}.swift").write_text(block, encoding="utf-8")
    # Linux has Observation and no SwiftUI.
    (out / "run/FirstLogin.swift").write_text(model.replace("import SwiftUI", "import Observation"), encoding="utf-8")
    desks = [block for block in blocks if "struct Desk" in block]
    if len(desks) != 1:
        print(f"{page}: no program for Linux", file=sys.stderr)
        return 1
    (out / "run/Desk.swift").write_text(desks[0], encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))

#!/usr/bin/env python3
"""Takes the code of the guide out of its page: FirstView.swift, FirstApp.swift, and FirstLogin.swift, which is the part
without a view. Holds the guide to its word of fewer than 30 lines.
usage: guide.py docs/guide-ios.md FOLDER"""

import re
import sys
from pathlib import Path

MOST_LINES = 29


def main(page: str, folder: str) -> int:
    blocks = re.findall(r"^```swift\n(.*?)^```$", Path(page).read_text(encoding="utf-8"), re.M | re.S)
    if len(blocks) != 2:
        print(f"{page}: {len(blocks)} pieces of Swift where 2 should be", file=sys.stderr)
        return 1
    view, app = blocks
    lines = [line for line in view.splitlines() if line.strip()]
    if len(lines) > MOST_LINES:
        print(f"{page}: the app has {len(lines)} lines", file=sys.stderr)
        return 1
    model, rest = view.split("struct FirstView", 1)
    if not rest:
        print(f"{page}: no view", file=sys.stderr)
        return 1
    out = Path(folder)
    (out / "app").mkdir(parents=True, exist_ok=True)
    (out / "run").mkdir(parents=True, exist_ok=True)
    (out / "app/FirstView.swift").write_text(view, encoding="utf-8")
    (out / "app/FirstApp.swift").write_text(app, encoding="utf-8")
    # Linux has Observation and no SwiftUI.
    (out / "run/FirstLogin.swift").write_text(model.replace("import SwiftUI", "import Observation"), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))

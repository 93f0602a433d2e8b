"""The guide keeps what it says: from an empty app to a first login in under 30 lines."""

import re
import unittest
from pathlib import Path

GUIDE = (Path(__file__).parents[2] / "docs/guide-android.md").read_text()


class Guide(unittest.TestCase):
    def test_the_first_app_has_fewer_than_30_lines(self):
        first = re.search(r"^```kotlin\n(.*?)^```", GUIDE, re.DOTALL | re.MULTILINE).group(1)
        code = [line for line in first.splitlines() if line.strip() and not line.startswith(("package", "import"))]
        self.assertLess(len(code), 30)

    def test_every_block_stands_alone(self):
        """So that each can be compiled, and copied, by itself."""
        blocks = re.findall(r"^```kotlin\n(.*?)^```", GUIDE, re.DOTALL | re.MULTILINE)
        self.assertGreaterEqual(len(blocks), 3)
        for block in blocks:
            self.assertTrue(block.startswith("package "))


if __name__ == "__main__":
    unittest.main()

"""What can be seen without running the sample: texts in both languages and nowhere else, labels for who hears the screen,
touch targets, contrast, and what the manifest promises."""

import re
import unittest
import xml.etree.ElementTree as xml
from pathlib import Path

MAIN = Path(__file__).parents[1] / "app/src/main"
RES = MAIN / "res"
KOTLIN = MAIN / "kotlin/org/tessera/sample"
ANDROID = "{http://schemas.android.com/apk/res/android}"
LANGUAGES = ["values", "values-fr"]
SAID = ["text", "hint", "contentDescription", "label", "title"]
TOUCHED = {"Button", "CheckBox", "RadioButton", "EditText", "ImageButton", "Switch"}
# What may be in a picture of the screen, in the list of open apps: nothing of the citizen.
NOT_PERSONAL = {"AboutActivity", "ScanActivity"}


def strings(folder):
    found = {}
    for file in sorted((RES / folder).glob("strings*.xml")):
        for string in xml.parse(file).getroot():
            assert string.get("name") not in found, f"{string.get('name')} twice in {folder}"
            found[string.get("name")] = string.text or ""
    return found


def layouts():
    for file in sorted((RES / "layout").glob("*.xml")):
        yield file.name, list(xml.parse(file).iter())


def sources(folder=""):
    for file in sorted((KOTLIN / folder).rglob("*.kt")):
        yield file.name, file.read_text()


def colours(folder):
    return {each.get("name"): each.text for each in xml.parse(RES / folder / "colors.xml").getroot()}


def luminance(colour):
    """WCAG 2.2, relative luminance."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


class Texts(unittest.TestCase):
    def test_every_text_is_there_in_every_language(self):
        first, *others = [strings(folder) for folder in LANGUAGES]
        for other in others:
            self.assertEqual(set(first), set(other))

    def test_a_text_has_the_same_places_in_every_language(self):
        first, *others = [strings(folder) for folder in LANGUAGES]
        for name, text in first.items():
            for other in others:
                places = [sorted(re.findall(r"%\d\$[sd]", each)) for each in (text, other[name])]
                self.assertEqual(*places, name)

    def test_every_text_is_used(self):
        everything = "".join(text for _, text in sources())
        everything += "".join(file.read_text() for file in MAIN.rglob("*.xml"))
        used = set(re.findall(r"(?:R\.string\.|@string/)(\w+)", everything))
        self.assertEqual(set(strings("values")) - used, set())

    def test_layouts_hold_no_text_of_their_own(self):
        for file, views in layouts():
            for view in views:
                for said in SAID:
                    value = view.get(ANDROID + said, "@string/")
                    self.assertTrue(value.startswith("@string/"), f"{file}: {value}")

    def test_code_holds_no_text_of_its_own(self):
        """A text has words; what else stands in quotes is a name, and has no spaces between letters."""
        for file, source in sources():
            code = re.sub(r"/\*.*?\*/|//[^\n]*|@(Deprecated|Suppress)\([^)]*\)", "", source, flags=re.DOTALL)
            for literal in re.findall(r'"((?:[^"\\\n]|\\.)*)"', code):
                plain = re.sub(r"\$\{[^}]*\}|\$\w+", "", literal)
                self.assertNotRegex(plain, r"[A-Za-z]{2,} +[A-Za-z]{2,}", file)

    def test_the_languages_offered_by_the_system_are_those_that_are_there(self):
        offered = [each.get(ANDROID + "name") for each in xml.parse(RES / "xml/languages.xml").getroot()]
        self.assertEqual(offered, ["en", "fr"])


class Hearing(unittest.TestCase):
    def test_pictures_are_described(self):
        for file, views in layouts():
            for view in views:
                if view.tag in {"ImageView", "ImageButton", "TextureView", "SurfaceView"}:
                    self.assertIsNotNone(view.get(ANDROID + "contentDescription"), f"{file}: {view.tag}")

    def test_fields_have_a_label(self):
        for file, views in layouts():
            labelled = {view.get(ANDROID + "labelFor", "").removeprefix("@id/") for view in views}
            for view in views:
                if view.tag == "EditText":
                    self.assertIn(view.get(ANDROID + "id").removeprefix("@+id/"), labelled, file)

    def test_what_happens_is_announced(self):
        styles = {style.get("name"): style for style in xml.parse(RES / "values/themes.xml").getroot()}
        message = {item.get("name"): item.text for item in styles["Text.Message"]}
        self.assertEqual(message["android:accessibilityLiveRegion"], "polite")
        for file, views in layouts():
            if any(view.tag == "ProgressBar" for view in views):
                self.assertTrue(any(view.get("style") == "@style/Text.Message" for view in views), file)

    def test_headings_are_headings(self):
        styles = {style.get("name"): style for style in xml.parse(RES / "values/themes.xml").getroot()}
        heading = {item.get("name"): item.text for item in styles["Text.Heading"]}
        self.assertEqual(heading["android:accessibilityHeading"], "true")


class Touch(unittest.TestCase):
    def test_whatever_is_touched_is_48dp(self):
        styles = {style.get("name"): style for style in xml.parse(RES / "values/themes.xml").getroot()}
        touch = {item.get("name"): item.text for item in styles["Touch"]}
        self.assertEqual((touch["android:minWidth"], touch["android:minHeight"]), ("48dp", "48dp"))
        for file, views in layouts():
            for view in views:
                if view.tag in TOUCHED:
                    self.assertTrue(view.get("style", "").startswith("@style/Touch"), f"{file}: {view.tag}")


class Colours(unittest.TestCase):
    def test_text_can_be_read_by_day_and_by_night(self):
        """WCAG 2.2, 1.4.3 (AA)."""
        for folder in ("values", "values-night"):
            found = colours(folder)
            pairs = [(text, "ground") for text in ("text", "text_soft", "accent", "problem")]
            pairs += [("on_accent", "accent"), ("on_warning", "warning_ground")]
            for text, ground in pairs:
                self.assertGreaterEqual(contrast(found[text], found[ground]), 4.5, f"{folder}: {text} on {ground}")

    def test_day_and_night_have_the_same_names(self):
        self.assertEqual(set(colours("values")), set(colours("values-night")))

    def test_layouts_name_colours(self):
        for file, views in layouts():
            for view in views:
                for name, value in view.attrib.items():
                    self.assertFalse(value.startswith("#"), f"{file}: {name}")


class Promises(unittest.TestCase):
    def setUp(self):
        self.application = xml.parse(MAIN / "AndroidManifest.xml").getroot().find("application")

    def test_nothing_is_backed_up(self):
        self.assertEqual(self.application.get(ANDROID + "allowBackup"), "false")
        self.assertEqual(self.application.get(ANDROID + "fullBackupContent"), "false")
        rules = xml.parse(RES / "xml/no_backup.xml").getroot()
        self.assertEqual(self.application.get(ANDROID + "dataExtractionRules"), "@xml/no_backup")
        for kind in ("cloud-backup", "device-transfer"):
            left_out = {each.get("domain") for each in rules.find(kind)}
            self.assertEqual(left_out, {"root", "file", "database", "sharedpref", "external"})

    def test_nothing_is_sent_in_clear(self):
        self.assertEqual(self.application.get(ANDROID + "usesCleartextTraffic"), "false")

        allowed = xml.parse(RES / "values/loopback.xml").getroot().find("bool")
        self.assertEqual((allowed.get("name"), allowed.text), ("loopback_http", "false"))

    def test_only_start_and_links_can_be_opened_from_outside(self):
        open_to_all = {each.get(ANDROID + "name") for each in self.application if each.get(ANDROID + "exported") == "true"}
        self.assertEqual(open_to_all, {".screens.HomeActivity", ".screens.LoginActivity"})

    def test_the_manifest_names_every_screen(self):
        named = {each.get(ANDROID + "name") for each in self.application.iter("activity")}
        there = {f".screens.{file.removesuffix('.kt')}" for file, _ in sources("screens") if file.endswith("Activity.kt")}
        self.assertEqual(named, there)

    def test_screens_with_personal_data_are_kept_out_of_pictures(self):
        for file, source in sources("screens"):
            name = file.removesuffix(".kt")
            if name.endswith("Activity") and name not in NOT_PERSONAL:
                # ListScreen says it for all lists.
                self.assertRegex(source, r"isPersonal = true|: ListScreen<", name)

    def test_secrets_are_not_kept_by_android(self):
        """One-time password, number and passphrase: a view's text is saved with the screen unless it says otherwise."""
        secret = {"code", "number", "passphrase", "again"}
        for _, views in layouts():
            for view in views:
                name = view.get(ANDROID + "id", "").removeprefix("@+id/")
                if view.tag == "EditText" and name in secret:
                    self.assertEqual(view.get(ANDROID + "saveEnabled"), "false", name)
                    secret.remove(name)
        self.assertEqual(secret, set())

    def test_view_models_know_nothing_of_android(self):
        models = list(sources("model"))
        self.assertGreater(len(models), 5)
        for file, source in models:
            self.assertNotRegex(source, r"\bandroidx?\.|org\.tessera\.wallet\.android", file)


if __name__ == "__main__":
    unittest.main()

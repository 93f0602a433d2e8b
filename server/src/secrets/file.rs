//! The secret file: one secret on each line, in base64. The newest is first; it seals and hashes what rows are found by, and
//! the one below it opens and finds too. Empty lines and those that begin with `#` say nothing.
//!
//! A secret is replaced in steps, so that several nodes can follow one after another: a new one is added below the newest
//! (`add`), then it is put first (`promote`), and when everything is sealed and hashed under it, the other goes
//! (`drop_old`). What is only derived and cannot be made anew stays: for each such purpose a line `kept PURPOSE KEY` has the
//! key that the first secret gave, and nothing else of that secret is left. `kept rest` is for purposes that come later.
//!
//! An older form has a line `hashes SECRET` instead: everything that is derived comes from that secret. `drop_old` turns it
//! into the lines above, once all hashes are made anew.

use std::path::Path;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

use super::root::Root;
use super::{Purpose, SecretError, Secrets};
use crate::clock::{Rng, random};

type Key = Zeroizing<[u8; 32]>;

/// What the file says.
struct Lines {
    /// Newest first; at least one.
    sealing: Vec<Key>,
    /// Where everything that is derived comes from.
    hashes: Option<Key>,
    /// Keys of a secret that is gone, by the names of their purposes.
    kept: Vec<(String, Key)>,
}

const HASHES: &str = "hashes";
const KEPT: &str = "kept ";
const REST: &str = "rest";

impl Lines {
    fn read(path: &Path) -> Result<Self, SecretError> {
        let text = Zeroizing::new(std::fs::read_to_string(path)?);
        let mut lines = Self { sealing: Vec::new(), hashes: None, kept: Vec::new() };
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            if let Some(kept) = line.strip_prefix(KEPT) {
                let (name, key) = kept.trim().split_once(' ').ok_or(SecretError::Malformed)?;
                lines.kept.push((name.to_owned(), decode(key)?));
            } else if let Some(secret) = line.strip_prefix(HASHES) {
                if lines.hashes.replace(decode(secret)?).is_some() {
                    return Err(SecretError::Malformed);
                }
            } else {
                lines.sealing.push(decode(line)?);
            }
        }
        let mixed = lines.hashes.is_some() && !lines.kept.is_empty();
        if lines.sealing.is_empty() || mixed || (!lines.kept.is_empty() && lines.kept_root().is_none()) {
            return Err(SecretError::Malformed);
        }
        Ok(lines)
    }

    /// What stays, of the lines that say so; `None` where one is missing, or stands there twice.
    fn kept_root(&self) -> Option<Root> {
        let named = |name: &str| {
            let mut keys = self.kept.iter().filter(|(known, _)| known == name).map(|(_, key)| key.clone());
            keys.next().filter(|_| keys.next().is_none())
        };
        let given = Purpose::KEPT.iter().map(|purpose| Some((*purpose, named(purpose.name())?)));
        let given: Option<Vec<_>> = given.collect();
        let known = |(name, _): &(String, Key)| name == REST || Purpose::KEPT.iter().any(|kept| kept.name() == name);
        self.kept.iter().all(known).then_some(())?;
        Some(Root::given(*named(REST)?, given?))
    }

    fn secrets(&self) -> Result<Secrets, SecretError> {
        let sealing: Vec<Arc<Root>> = self.sealing.iter().map(|master| Arc::new(Root::new(**master))).collect();
        let (Some(newest), Some(last)) = (sealing.first().cloned(), sealing.last().cloned()) else {
            return Err(SecretError::Malformed);
        };
        let several = sealing.len() > 1;
        let (kept, hashing, hashed_before) = match (&self.hashes, self.kept.is_empty()) {
            // The older form. In the midst of a replacement, or with more than two secrets, only one made any hash.
            (Some(hashes), _) => {
                let root = Arc::new(Root::new(**hashes));
                match self.sealing.as_slice() {
                    [one] if one == hashes => (root, newest, None),
                    [_] => (root.clone(), newest, Some(root)),
                    _ => (root.clone(), root, None),
                }
            }
            (None, true) if sealing.len() > 2 => (last.clone(), last, None),
            (None, true) => (last.clone(), newest, several.then_some(last)),
            (None, false) if sealing.len() > 2 => return Err(SecretError::Step(TOO_MANY)),
            (None, false) => {
                let kept = self.kept_root().ok_or(SecretError::Malformed)?;
                (Arc::new(kept), newest, several.then_some(last))
            }
        };
        Ok(Secrets { kept, sealing, hashing, hashed_before })
    }

    /// Writes down which keys stay, where only a secret's place said so.
    fn keep(&mut self) {
        let Some(root) = self.hashes.as_ref().or(self.sealing.last()).filter(|_| self.kept.is_empty()) else { return };
        let root = Root::new(**root);
        self.kept = Purpose::KEPT.iter().map(|purpose| (purpose.name().to_owned(), root.derived(*purpose))).collect();
        self.kept.push((REST.to_owned(), root.rest()));
        self.hashes = None;
    }

    fn text(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::new());
        for secret in &self.sealing {
            add_line(&mut text, &[], secret);
        }
        if let Some(secret) = &self.hashes {
            add_line(&mut text, &[HASHES, " "], secret);
        }
        if !self.kept.is_empty() {
            text.push_str("# of an older secret, for what cannot be made anew: pseudonyms, PINs, tokens\n");
        }
        for (name, key) in &self.kept {
            add_line(&mut text, &[KEPT, name, " "], key);
        }
        text
    }
}

fn add_line(text: &mut String, before: &[&str], key: &Key) {
    for word in before {
        text.push_str(word);
    }
    text.push_str(&Zeroizing::new(STANDARD.encode(**key)));
    text.push('\n');
}

const TOO_MANY: &str = "the secret file has more than two secrets: remove those that seal nothing any more";

fn decode(line: &str) -> Result<Zeroizing<[u8; 32]>, SecretError> {
    let bytes = Zeroizing::new(STANDARD.decode(line.trim()).map_err(|_| SecretError::Malformed)?);
    Ok(Zeroizing::new(<[u8; 32]>::try_from(bytes.as_slice()).map_err(|_| SecretError::Malformed)?))
}

/// Writes a file under a name of its own, readable by its owner only. Nobody ever sees the file half written: the caller
/// gives it its name when it is whole.
fn write_aside(path: &Path, text: &str, rng: &dyn Rng) -> Result<std::path::PathBuf, SecretError> {
    use std::io::Write;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut aside = path.as_os_str().to_owned();
    aside.push(format!(".{}", URL_SAFE_NO_PAD.encode(random::<6>(rng))));
    let mut file = options.open(&aside)?;
    let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
    if let Err(error) = written {
        let _ = std::fs::remove_file(&aside);
        return Err(error.into());
    }
    Ok(aside.into())
}

fn replace(path: &Path, lines: &Lines, rng: &dyn Rng) -> Result<Secrets, SecretError> {
    let aside = write_aside(path, &lines.text(), rng)?;
    if let Err(error) = std::fs::rename(&aside, path) {
        let _ = std::fs::remove_file(&aside);
        return Err(error.into());
    }
    lines.secrets()
}

impl Secrets {
    /// Reads the file that `tessera keys secret` made.
    ///
    /// # Errors
    /// [`SecretError`] where the file is missing or does not hold secrets.
    pub fn read(path: &Path) -> Result<Self, SecretError> {
        Lines::read(path)?.secrets()
    }

    /// Makes a new file with one secret; refuses to overwrite one.
    ///
    /// # Errors
    /// [`SecretError::File`] where it exists (`AlreadyExists`) or cannot be written.
    pub fn create(path: &Path, rng: &dyn Rng) -> Result<Self, SecretError> {
        let lines = Lines { sealing: vec![Zeroizing::new(random(rng))], hashes: None, kept: Vec::new() };
        let aside = write_aside(path, &lines.text(), rng)?;
        let linked = std::fs::hard_link(&aside, path);
        // Whether it went well or not, the name it has is `path`.
        let _ = std::fs::remove_file(&aside);
        linked?;
        lines.secrets()
    }

    /// First step: a new secret that opens and finds, and does not seal yet, below the newest.
    ///
    /// # Errors
    /// [`SecretError::Step`] while a replacement is under way, and where the file cannot be written.
    pub fn add(path: &Path, rng: &dyn Rng) -> Result<Self, SecretError> {
        let mut lines = Lines::read(path)?;
        if lines.sealing.len() > 1 || lines.hashes.as_ref().is_some_and(|hashes| lines.sealing.first() != Some(hashes))
        {
            return Err(SecretError::Step(
                "a replacement is under way: finish it with `keys reseal` and `keys secret drop`",
            ));
        }
        lines.keep();
        lines.sealing.push(Zeroizing::new(random(rng)));
        replace(path, &lines, rng)
    }

    /// Second step: the secret that was added seals and hashes from now on.
    ///
    /// # Errors
    /// [`SecretError::Step`] where none was added, or it seals already; and where the file cannot be written.
    pub fn promote(path: &Path, rng: &dyn Rng) -> Result<Self, SecretError> {
        let mut lines = Lines::read(path)?;
        // The one that seals stays second: a second call would put it first again.
        let [old, new] = lines.sealing.as_slice() else {
            return Err(SecretError::Step("no secret was added: begin with `keys secret add`"));
        };
        lines.sealing = vec![new.clone(), old.clone()];
        replace(path, &lines, rng)
    }

    /// Last step: only the newest seals, hashes, opens and finds. Of the one before there are left the keys of what cannot be
    /// made anew. The caller knows that nothing is sealed or hashed under another. Where the file is of the older form and
    /// another replacement was under way, its `hashes` go only at the next call.
    ///
    /// # Errors
    /// [`SecretError::Step`] where there is nothing to drop; and where the file cannot be written.
    pub fn drop_old(path: &Path, rng: &dyn Rng) -> Result<Self, SecretError> {
        let mut lines = Lines::read(path)?;
        match (lines.sealing.len(), lines.hashes.is_some()) {
            (1, false) => return Err(SecretError::Step("there is one secret only")),
            // Nothing was hashed under the others.
            (2.., true) => {}
            (3.., false) if lines.kept.is_empty() => lines.hashes = lines.sealing.last().cloned(),
            _ => lines.keep(),
        }
        lines.sealing.truncate(1);
        replace(path, &lines, rng)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::System;

    fn found(secrets: &Secrets) -> Vec<Vec<u8>> {
        secrets.hash(Purpose::Lookup, &[b"x"]).each().map(<[u8]>::to_vec).collect()
    }

    #[test]
    fn a_secret_is_replaced_in_steps_and_what_was_sealed_opens_at_each() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        let first = Secrets::create(&path, &System).unwrap();
        let first_line = std::fs::read_to_string(&path).unwrap();
        assert!(matches!(Secrets::create(&path, &System), Err(SecretError::File(_))));
        assert!(matches!(Secrets::promote(&path, &System), Err(SecretError::Step(_))));
        assert!(matches!(Secrets::drop_old(&path, &System), Err(SecretError::Step(_))));
        let old = first.seal(Purpose::Biographics, b"row", b"x", &System).unwrap();

        let added = Secrets::add(&path, &System).unwrap();
        assert_eq!(added.newest(), first.newest());
        assert!(matches!(Secrets::add(&path, &System), Err(SecretError::Step(_))));
        let promoted = Secrets::promote(&path, &System).unwrap();
        assert_ne!(promoted.newest(), first.newest());
        let new = promoted.seal(Purpose::Biographics, b"row", b"x", &System).unwrap();
        // A node that has only the first step behind it opens what one with the second sealed, and finds what it hashed.
        assert!(added.open(Purpose::Biographics, b"row", &new).is_ok());
        assert_eq!(found(&added)[0], found(&first)[0]);
        assert_eq!(found(&added)[1], found(&promoted)[0]);
        assert_eq!(found(&added)[0], found(&promoted)[1]);
        let dropped = Secrets::drop_old(&path, &System).unwrap();
        let read = Secrets::read(&path).unwrap();
        for secrets in [&added, &promoted, &dropped, &read] {
            assert!(secrets.open(Purpose::Biographics, b"row", &new).is_ok());
            for purpose in Purpose::KEPT {
                assert_eq!(secrets.key(purpose), first.key(purpose), "{purpose:?}");
                assert_eq!(secrets.mac(purpose, &[b"x"]), first.mac(purpose, &[b"x"]), "{purpose:?}");
            }
            // Of a purpose that nobody derived anything for yet.
            assert_eq!(secrets.kept.derived(Purpose::Events), added.kept.derived(Purpose::Events));
        }
        assert!(!read.are_several());
        assert_eq!(found(&read), [found(&promoted)[0].clone()]);
        // The old secret is gone, from the file too (GS-SEC-05c).
        assert!(read.open(Purpose::Biographics, b"row", &old).is_err());
        assert!(!std::fs::read_to_string(&path).unwrap().contains(first_line.trim()));

        // A second replacement: the secret between them is gone for good, and what stays stays.
        Secrets::add(&path, &System).unwrap();
        Secrets::promote(&path, &System).unwrap();
        let last = Secrets::drop_old(&path, &System).unwrap();
        assert!(last.open(Purpose::Biographics, b"row", &new).is_err());
        assert_eq!(last.key(Purpose::Subject), first.key(Purpose::Subject));
        #[cfg(unix)]
        {
            let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&path).unwrap().permissions());
            assert_eq!(mode & 0o777, 0o600);
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
    }

    /// What an older version wrote: hashes stayed with the first secret, whole.
    #[test]
    fn a_file_of_the_older_form_comes_to_the_same_in_the_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        let line = |byte: u8| STANDARD.encode([byte; 32]);
        let (hashed, newest) = (found(&Secrets::new([1; 32])), found(&Secrets::new([2; 32])));
        // In the midst of it nothing is hashed otherwise than the older version does.
        std::fs::write(&path, format!("{}\n{}\nhashes {}\n", line(2), line(3), line(1))).unwrap();
        assert_eq!(found(&Secrets::read(&path).unwrap()), hashed);
        let dropped = Secrets::drop_old(&path, &System).unwrap();
        assert!(dropped.are_several(), "there are hashes to be made anew");
        assert_eq!(found(&dropped), [newest[0].clone(), hashed[0].clone()]);
        assert!(matches!(Secrets::add(&path, &System), Err(SecretError::Step(_))));
        let after = Secrets::drop_old(&path, &System).unwrap();
        assert_eq!(found(&after), newest);
        assert_eq!(after.key(Purpose::Pins), Secrets::new([1; 32]).key(Purpose::Pins));
        assert!(!std::fs::read_to_string(&path).unwrap().contains(&line(1)));
        assert!(matches!(Secrets::drop_old(&path, &System), Err(SecretError::Step(_))));
    }

    #[test]
    fn a_file_says_which_secrets_there_are() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        let (one, two) = (STANDARD.encode([1; 32]), STANDARD.encode([2; 32]));
        for (text, newest, hashes) in [
            (one.clone(), [1; 32], [1; 32]),
            (format!("# ours\n\n  {two}  \n{one}\n"), [2; 32], [1; 32]),
            (format!("{two}\nhashes {one}\n"), [2; 32], [1; 32]),
        ] {
            std::fs::write(&path, &text).unwrap();
            let read = Secrets::read(&path).unwrap();
            assert_eq!(read.newest(), Secrets::new(newest).newest(), "{text}");
            assert_eq!(read.key(Purpose::Lookup), Secrets::new(hashes).key(Purpose::Lookup), "{text}");
        }
        for bad in [
            String::new(),
            "x".into(),
            format!("hashes {one}"),
            format!("{one}\nhashes {one}\nhashes {two}"),
            "AAAA".into(),
            format!("{one}\nkept subject {two}"),
            format!("{one}\nkept {two}"),
        ] {
            std::fs::write(&path, bad).unwrap();
            assert!(matches!(Secrets::read(&path), Err(SecretError::Malformed)));
        }
        // One key too many, too few, or twice.
        Secrets::create(&path.with_extension("new"), &System).unwrap();
        let path = path.with_extension("new");
        Secrets::add(&path, &System).unwrap();
        let whole = std::fs::read_to_string(&path).unwrap();
        let kept = whole.lines().find(|line| line.starts_with(KEPT)).unwrap();
        for bad in [
            whole.replace(kept, ""),
            format!("{whole}{kept}\n"),
            format!("{whole}kept biographics {one}\n"),
            format!("{whole}hashes {one}\n"),
        ] {
            std::fs::write(&path, bad).unwrap();
            assert!(matches!(Secrets::read(&path), Err(SecretError::Malformed)));
        }
    }
}

//! The secret file: one secret on each line, in base64. The newest is first; it seals, and those below it open too. A line
//! that begins with `hashes` has the secret that hashes, pseudonyms and ids are derived from; without one, that is the last
//! line's. Empty lines and those that begin with `#` say nothing.
//!
//! A secret is replaced in steps, so that several nodes can follow one after another: a new one is added below the newest
//! and opens (`add`), then it is put first and seals (`promote`), and when everything is sealed under it, the others go
//! (`drop_old`), but for the one that stays for the hashes.

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

use super::{SecretError, Secrets};
use crate::clock::{Rng, random};

/// What the file says.
struct Lines {
    /// Newest first; at least one.
    sealing: Vec<Zeroizing<[u8; 32]>>,
    hashes: Option<Zeroizing<[u8; 32]>>,
}

const HASHES: &str = "hashes";

impl Lines {
    fn read(path: &Path) -> Result<Self, SecretError> {
        let text = Zeroizing::new(std::fs::read_to_string(path)?);
        let mut lines = Self { sealing: Vec::new(), hashes: None };
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            match line.strip_prefix(HASHES) {
                Some(secret) if lines.hashes.is_none() => lines.hashes = Some(decode(secret)?),
                Some(_) => return Err(SecretError::Malformed),
                None => lines.sealing.push(decode(line)?),
            }
        }
        if lines.sealing.is_empty() { Err(SecretError::Malformed) } else { Ok(lines) }
    }

    fn secrets(&self) -> Result<Secrets, SecretError> {
        let (newest, older) = self.sealing.split_first().ok_or(SecretError::Malformed)?;
        let older: Zeroizing<Vec<[u8; 32]>> = Zeroizing::new(older.iter().map(|master| **master).collect());
        match &self.hashes {
            None if older.is_empty() => Ok(Secrets::new(**newest)),
            None => Ok(Secrets::several(**newest, &older, older.last().copied().unwrap_or(**newest))),
            Some(hashes) => Ok(Secrets::several(**newest, &older, **hashes)),
        }
    }

    /// Writes which secret stays for the hashes, where only its place said so.
    fn pin_hashes(&mut self) {
        if self.hashes.is_none() {
            self.hashes = self.sealing.last().cloned();
        }
    }

    fn text(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::new());
        for secret in &self.sealing {
            text.push_str(&Zeroizing::new(STANDARD.encode(**secret)));
            text.push('\n');
        }
        if let Some(secret) = &self.hashes {
            text.push_str(HASHES);
            text.push(' ');
            text.push_str(&Zeroizing::new(STANDARD.encode(**secret)));
            text.push('\n');
        }
        text
    }
}

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
        let lines = Lines { sealing: vec![Zeroizing::new(random(rng))], hashes: None };
        let aside = write_aside(path, &lines.text(), rng)?;
        let linked = std::fs::hard_link(&aside, path);
        // Whether it went well or not, the name it has is `path`.
        let _ = std::fs::remove_file(&aside);
        linked?;
        lines.secrets()
    }

    /// First step: a new secret that opens and does not seal yet, below the newest.
    ///
    /// # Errors
    /// [`SecretError::Step`] while a replacement is under way, and where the file cannot be written.
    pub fn add(path: &Path, rng: &dyn Rng) -> Result<Self, SecretError> {
        let mut lines = Lines::read(path)?;
        if lines.sealing.len() > 1 {
            return Err(SecretError::Step("a replacement is under way: finish it with `keys secret drop`"));
        }
        lines.pin_hashes();
        lines.sealing.push(Zeroizing::new(random(rng)));
        replace(path, &lines, rng)
    }

    /// Second step: the secret that was added seals from now on.
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

    /// Last step: only the newest seals and opens, and hashes stay what they are. The caller knows that nothing is sealed
    /// under another.
    ///
    /// # Errors
    /// [`SecretError::Step`] where there is nothing to drop; and where the file cannot be written.
    pub fn drop_old(path: &Path, rng: &dyn Rng) -> Result<Self, SecretError> {
        let mut lines = Lines::read(path)?;
        if lines.sealing.len() < 2 {
            return Err(SecretError::Step("there is one secret only"));
        }
        lines.pin_hashes();
        lines.sealing.truncate(1);
        replace(path, &lines, rng)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::System;
    use crate::secrets::Purpose;

    #[test]
    fn a_secret_is_replaced_in_steps_and_what_was_sealed_opens_at_each() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        let first = Secrets::create(&path, &System).unwrap();
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
        // A node that has only the first step behind it opens what one with the second sealed.
        assert!(added.open(Purpose::Biographics, b"row", &new).is_ok());
        let dropped = Secrets::drop_old(&path, &System).unwrap();
        let read = Secrets::read(&path).unwrap();
        for secrets in [&promoted, &dropped, &read] {
            assert!(secrets.open(Purpose::Biographics, b"row", &new).is_ok());
            assert_eq!(secrets.key(Purpose::Subject), first.key(Purpose::Subject));
        }
        assert!(!read.are_several());
        // Not lost even where somebody forgot to seal it anew.
        assert!(read.open(Purpose::Biographics, b"row", &old).is_ok());

        // A second replacement: the secret between them is gone for good.
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
        ] {
            std::fs::write(&path, bad).unwrap();
            assert!(matches!(Secrets::read(&path), Err(SecretError::Malformed)));
        }
    }
}

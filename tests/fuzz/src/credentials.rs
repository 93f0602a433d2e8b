//! What strangers hand to a wallet: credentials in QR codes, and files that are said to be backups.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use protocol::base45;
use protocol::claim169::{self, Doubt, PinnedIssuer};
use sha2::{Digest, Sha256};

/// Within the life of the corpus' credentials, in seconds.
const NOW: i64 = 1_785_542_400;
/// The offset of a backup's numbers.
const NUMBERS: usize = 18;

/// The text of a QR code, or (behind the byte 1) what such a text is around: COSE, which no search would find through
/// Base45 and zlib.
pub fn claim169(data: &[u8]) {
    let text = match super::choice(data, 2) {
        Some((1, envelope)) => {
            let mut stream = ZlibEncoder::new(Vec::new(), Compression::fast());
            stream.write_all(envelope).expect("memory");
            base45::encode(&stream.finish().expect("memory"))
        }
        Some((_, text)) => String::from_utf8_lossy(text).into_owned(),
        None => return,
    };
    if let Ok(bytes) = base45::decode(&text) {
        assert_eq!(base45::encode(&bytes), text, "one text for the same bytes");
    }
    let Ok(read) = claim169::read(&text) else { return };
    assert!(!format!("{read:?}").contains('"'), "nothing of it is told");
    let nobody = read.clone().check(&[], NOW);
    assert!(!nobody.is_verified() && nobody.doubts.iter().all(|doubt| *doubt != Doubt::BadSignature));
    // An issuer without keys or authorities vouches for nothing.
    let name = nobody.issuer.clone().unwrap_or_default();
    let empty = PinnedIssuer { issuer: name, keys: Vec::new(), roots: Vec::new() };
    assert!(!read.check(&[empty], NOW).is_verified());
}

/// A backup file; also (behind the byte 1) one whose closing hash was made to fit.
pub fn backup(data: &[u8]) {
    let file = match super::choice(data, 2) {
        Some((1, rest)) => [rest, &Sha256::digest(rest)].concat(),
        Some((_, rest)) => rest.to_vec(),
        None => return,
    };
    let Ok(header) = wallet_core::inspect_backup(file.clone()) else { return };
    assert!(header.memory_kib <= 256 * 1024 && header.passes <= 16 && header.lanes <= 16, "what a file may ask for");
    assert_eq!(&file[NUMBERS..NUMBERS + 4], header.memory_kib.to_be_bytes());
}

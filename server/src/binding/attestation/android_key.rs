//! Android key attestation: the rules of developer.android.com/privacy-and-security/security-key-attestation, as
//! Google's own verifier (github.com/android/keyattestation) keeps them.

use std::collections::HashSet;

use openssl::nid::Nid;
use openssl::x509::X509;
use protocol::devices::KeySecurity;

use super::chain::Path;
use super::key_description::{self, BootState, KeyDescription};
use super::{Key, Refused};
use crate::binding::certificate;
use crate::clock::Millis;
use crate::config::{AndroidKey, AndroidLevel, sha256_from_hex};

/// What the configuration asks for, its digests read.
pub(super) struct Rules {
    roots: Vec<X509>,
    apps: Vec<App>,
    least: AndroidLevel,
    verified_boot: bool,
    boot_keys: Vec<[u8; 32]>,
    user_authentication: bool,
}

struct App {
    package: String,
    signing_digests: Vec<[u8; 32]>,
}

impl Rules {
    /// Of a configuration that was checked: a digest that is none would be left out.
    pub(super) fn new(roots: Vec<X509>, config: &AndroidKey) -> Self {
        let read = |texts: &[String]| texts.iter().filter_map(|text| sha256_from_hex(text)).collect();
        let app = |app: &crate::config::AndroidApp| App {
            package: app.package.clone(),
            signing_digests: read(&app.signing_digests),
        };
        Self {
            roots,
            apps: config.apps.iter().map(app).collect(),
            least: config.least_level,
            verified_boot: config.verified_boot,
            boot_keys: read(&config.boot_keys),
            user_authentication: config.user_authentication,
        }
    }

    /// Holds a chain, the key's certificate first, against the rules.
    ///
    /// # Errors
    /// [`Refused`].
    pub(super) fn check(
        &self,
        chain: &[Vec<u8>],
        revoked: &HashSet<String>,
        key: &Key<'_>,
        now: Millis,
    ) -> Result<KeySecurity, Refused> {
        let path = Path::follow(chain, &self.roots)?;
        check_path(&path, revoked, now)?;
        let leaf = path.leaf()?;
        if !certificate::is_of(leaf.x509(), key.jwk).unwrap_or(false) {
            return Err(Refused::OtherKey);
        }
        let told = KeyDescription::read(leaf.extension(&key_description::OID).ok_or(Refused::NoStatement)?)?;
        if told.challenge != key.challenge.as_bytes() {
            return Err(Refused::OtherChallenge);
        }
        // StrongBox is told by Google's or the maker's signature above the key too, so that a broken TEE cannot claim it.
        let strongbox =
            told.level() == AndroidLevel::Strongbox && path.above().iter().any(|one| one.names("strongbox"));
        let level = if strongbox { AndroidLevel::Strongbox } else { told.level().min(AndroidLevel::Hardware) };
        if level < self.least {
            return Err(Refused::Level);
        }
        if !told.only_signs()? || !told.was_generated()? {
            return Err(Refused::Use);
        }
        if self.user_authentication && !told.asks_for_citizen()? {
            return Err(Refused::UserAuthentication);
        }
        self.check_boot(&told, level)?;
        self.check_app(&told)?;
        Ok(match level {
            AndroidLevel::Software => KeySecurity::Software,
            AndroidLevel::Hardware => KeySecurity::Hardware,
            AndroidLevel::Strongbox => KeySecurity::Strongbox,
        })
    }

    fn check_boot(&self, told: &KeyDescription<'_>, level: AndroidLevel) -> Result<(), Refused> {
        // A key in software comes with no word of the hardware: who takes such keys takes the operating system as it is.
        if !self.verified_boot || level == AndroidLevel::Software {
            return Ok(());
        }
        let root = told.root_of_trust()?.ok_or(Refused::Boot)?;
        let known = self.boot_keys.iter().any(|known| known == root.boot_key);
        let good = root.state == BootState::Verified || root.state == BootState::SelfSigned && known;
        if root.locked && good { Ok(()) } else { Err(Refused::Boot) }
    }

    fn check_app(&self, told: &KeyDescription<'_>) -> Result<(), Refused> {
        let Some(made_by) = told.application()?.filter(|_| !told.is_of_all_apps().unwrap_or(true)) else {
            return Err(Refused::OtherApp);
        };
        let ours = |app: &App| {
            // Apps that share a user id share their signature: one that is ours stands for all of them.
            made_by.packages.contains(&app.package.as_bytes())
                && !made_by.signing_digests.is_empty()
                && made_by.signing_digests.iter().all(|digest| app.signing_digests.iter().any(|known| known == digest))
        };
        if self.apps.iter().any(ours) { Ok(()) } else { Err(Refused::OtherApp) }
    }
}

/// How a phone got its attestation key, which decides how its chain looks.
#[derive(PartialEq, Eq)]
enum Provisioned {
    /// In the factory: the maker's authority, named by a serial number. Those keys cannot be changed, so that they are
    /// taken after their end too.
    Factory,
    /// From Google's servers, a few weeks at a time.
    Remotely,
    /// With the operating system: keys in software.
    WithSystem,
}

/// Length, authorities, times, revocation, and that nobody has put a certificate of his own below a phone's.
pub(super) fn check_path(path: &Path, revoked: &HashSet<String>, now: Millis) -> Result<(), Refused> {
    let top = path.above().last().ok_or(Refused::NotAuthority)?;
    let provisioned = if top.names("google llc") && top.names("droid ca2") {
        Provisioned::Remotely
    } else if top.has(Nid::SERIALNUMBER) {
        Provisioned::Factory
    } else {
        Provisioned::WithSystem
    };
    let length = path.certificates().len();
    let fits = match provisioned {
        Provisioned::Remotely => length == 4,
        Provisioned::Factory => length == 3,
        Provisioned::WithSystem => length == 2 || length == 3,
    };
    // A phone describes the key it attests, and nothing above it: a second description, or a longer chain, is the work of
    // somebody who had a key attested and made up another below it.
    if !fits || path.above().iter().any(|one| one.extension(&key_description::OID).is_some()) {
        return Err(Refused::Extended);
    }
    // Phones of some years have an attestation key whose certificate says that it is no authority.
    let authorities = if provisioned == Provisioned::Factory { path.above().get(1..) } else { Some(path.above()) };
    Path::each_is_authority(authorities.unwrap_or_default())?;
    // The key's own certificate gets its times from the app.
    Path::each_is_in_time(path.above(), now, provisioned == Provisioned::Factory)?;
    for certificate in path.certificates() {
        if revoked.contains(&certificate.serial()?) {
            return Err(Refused::Revoked);
        }
    }
    Ok(())
}

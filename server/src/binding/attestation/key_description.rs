//! The extension in which Android's Keystore describes a key: `KeyDescription`, versions 1 to 400
//! (source.android.com/docs/security/features/keystore/attestation).

use x509_cert::der::Tag;
use x509_cert::der::asn1::{AnyRef, ObjectIdentifier};

use super::Refused;
use super::asn1::{content, elements, number, sequence, tagged};
use crate::config::AndroidLevel;

/// Where it stands in a certificate.
pub(super) const OID: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.11129.2.1.17");

/// What a key may be used for: `KeyPurpose::SIGN`.
const SIGN: u64 = 2;
/// `KeyPurpose::VERIFY`, which a key pair may have beside.
const VERIFY: u64 = 3;
/// `KeyOrigin::GENERATED`: made where it lives, never outside.
const GENERATED: u64 = 0;

/// The members that are looked at.
pub(super) struct KeyDescription<'a> {
    /// Where the description was signed.
    pub(super) attestation_level: AndroidLevel,
    /// Where the key lives.
    pub(super) key_level: AndroidLevel,
    /// What the app asked to be put in.
    pub(super) challenge: &'a [u8],
    software: AuthorizationList<'a>,
    hardware: AuthorizationList<'a>,
}

/// Members of one `AuthorizationList`, still unread.
struct AuthorizationList<'a>(Vec<AnyRef<'a>>);

/// How the phone was started.
pub(super) struct RootOfTrust<'a> {
    /// The key that the operating system was verified with.
    pub(super) boot_key: &'a [u8],
    /// Whether the boot loader takes no other system.
    pub(super) locked: bool,
    /// Who stands for that key.
    pub(super) state: BootState,
}

/// `VerifiedBootState`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BootState {
    /// The phone's maker.
    Verified,
    /// Whoever set the key that the phone's owner trusts.
    SelfSigned,
    /// Nobody.
    Unverified,
    /// It does not verify.
    Failed,
}

/// Which app made the key, as the operating system tells.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Application<'a> {
    /// Package names: several where apps share a user id.
    pub(super) packages: Vec<&'a [u8]>,
    /// SHA-256 of the certificates they are signed with.
    pub(super) signing_digests: Vec<&'a [u8]>,
}

impl<'a> KeyDescription<'a> {
    /// Reads the extension's value.
    ///
    /// # Errors
    /// [`Refused::Malformed`].
    pub(super) fn read(value: &'a [u8]) -> Result<Self, Refused> {
        let members = sequence(value)?;
        let list = |at: usize| Ok(AuthorizationList(elements(content(members.get(at), Tag::Sequence)?)?));
        number(members.first(), Tag::Integer)?;
        Ok(Self {
            attestation_level: level(members.get(1))?,
            key_level: level(members.get(3))?,
            challenge: content(members.get(4), Tag::OctetString)?,
            software: list(6)?,
            hardware: list(7)?,
        })
    }

    /// Where the key lives and its description was signed, whichever is weaker.
    pub(super) fn level(&self) -> AndroidLevel {
        self.attestation_level.min(self.key_level)
    }

    /// The list that the key's own place enforces.
    fn enforced(&self) -> &AuthorizationList<'a> {
        if self.key_level == AndroidLevel::Software { &self.software } else { &self.hardware }
    }

    /// Whether it signs and, beside verifying, does nothing else: above all no attestation of other keys.
    pub(super) fn only_signs(&self) -> Result<bool, Refused> {
        let Some(set) = self.enforced().member(1)? else { return Ok(false) };
        let purposes = elements(content(Some(&set), Tag::Set)?)?;
        let purposes: Vec<u64> =
            purposes.iter().map(|one| number(Some(one), Tag::Integer)).collect::<Result<_, _>>()?;
        Ok(purposes.contains(&SIGN) && purposes.iter().all(|one| [SIGN, VERIFY].contains(one)))
    }

    /// Whether it was made where it lives.
    pub(super) fn was_generated(&self) -> Result<bool, Refused> {
        let origin = self.enforced().member(702)?;
        Ok(origin.map(|origin| number(Some(&origin), Tag::Integer)).transpose()? == Some(GENERATED))
    }

    /// Whether it asks for the citizen: `userAuthType` is there and `noAuthRequired` is not.
    pub(super) fn asks_for_citizen(&self) -> Result<bool, Refused> {
        let list = self.enforced();
        let free = list.member(503)?.is_some();
        let by = list.member(504)?.map(|by| number(Some(&by), Tag::Integer)).transpose()?;
        Ok(!free && by.is_some_and(|by| by != 0))
    }

    /// Whether any app on the phone may use it.
    pub(super) fn is_of_all_apps(&self) -> Result<bool, Refused> {
        Ok(self.software.member(600)?.is_some() || self.hardware.member(600)?.is_some())
    }

    /// How the phone was started, as its hardware tells.
    pub(super) fn root_of_trust(&self) -> Result<Option<RootOfTrust<'a>>, Refused> {
        let Some(root) = self.hardware.member(704)? else { return Ok(None) };
        let members = elements(content(Some(&root), Tag::Sequence)?)?;
        let state = match number(members.get(2), Tag::Enumerated)? {
            0 => BootState::Verified,
            1 => BootState::SelfSigned,
            2 => BootState::Unverified,
            3 => BootState::Failed,
            _ => return Err(Refused::Malformed),
        };
        let locked = match content(members.get(1), Tag::Boolean)? {
            [0xff] => true,
            [0x00] => false,
            _ => return Err(Refused::Malformed),
        };
        Ok(Some(RootOfTrust { boot_key: content(members.first(), Tag::OctetString)?, locked, state }))
    }

    /// Which app made it.
    pub(super) fn application(&self) -> Result<Option<Application<'a>>, Refused> {
        let Some(member) = self.software.member(709)? else { return Ok(None) };
        let members = sequence(content(Some(&member), Tag::OctetString)?)?;
        let packages = elements(content(members.first(), Tag::Set)?)?;
        let digests = elements(content(members.get(1), Tag::Set)?)?;
        let package = |info: &AnyRef<'a>| {
            let members = elements(content(Some(info), Tag::Sequence)?)?;
            content(members.first(), Tag::OctetString)
        };
        Ok(Some(Application {
            packages: packages.iter().map(package).collect::<Result<_, _>>()?,
            signing_digests: digests
                .iter()
                .map(|digest| content(Some(digest), Tag::OctetString))
                .collect::<Result<_, _>>()?,
        }))
    }
}

impl<'a> AuthorizationList<'a> {
    fn member(&self, tag: u32) -> Result<Option<AnyRef<'a>>, Refused> {
        tagged(&self.0, tag)
    }
}

fn level(element: Option<&AnyRef<'_>>) -> Result<AndroidLevel, Refused> {
    match number(element, Tag::Enumerated)? {
        0 => Ok(AndroidLevel::Software),
        1 => Ok(AndroidLevel::Hardware),
        2 => Ok(AndroidLevel::Strongbox),
        _ => Err(Refused::Malformed),
    }
}

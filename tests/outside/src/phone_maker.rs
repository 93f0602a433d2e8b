//! A phone's maker: roots and certificates of its own, and what it attests of keys. It is asked to say anything, also what
//! no maker would.

use openssl::asn1::{Asn1Integer, Asn1Object, Asn1OctetString, Asn1Time};
use openssl::bn::{BigNum, BigNumContext};
use openssl::ec::{EcGroup, EcKey, PointConversionForm};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{HasPublic, PKey, PKeyRef, Private};
use openssl::sha::sha256;
use openssl::x509::extension::{BasicConstraints, KeyUsage};
use openssl::x509::{X509, X509Builder, X509Extension, X509Name};

const DAY_S: i64 = 86_400;

/// A new P-256 key.
pub fn new_key() -> PKey<Private> {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
    PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap()
}

/// A certificate and its key.
#[derive(Clone)]
pub struct Authority {
    /// The key.
    pub key: PKey<Private>,
    /// Its certificate.
    pub certificate: X509,
}

/// How a certificate is to be made.
#[derive(Clone)]
pub struct Wanted<'a> {
    /// Members of its subject.
    pub subject: &'a [(Nid, &'a str)],
    /// Serial number.
    pub serial: u32,
    /// Whether it says that it is an authority.
    pub authority: bool,
    /// First second, since 1970.
    pub from: i64,
    /// Last second, since 1970.
    pub to: i64,
    /// Object identifier and value of one more extension.
    pub extension: Option<(&'a str, Vec<u8>)>,
}

impl<'a> Wanted<'a> {
    /// An authority, from a year before `now` for ten years.
    pub fn authority(subject: &'a [(Nid, &'a str)], serial: u32, now: i64) -> Self {
        let (from, to) = (now - 365 * DAY_S, now + 3650 * DAY_S);
        Self { subject, serial, authority: true, from, to, extension: None }
    }

    /// Signed by `issuer`, or by itself.
    pub fn make<T: HasPublic>(
        &self,
        key: &PKeyRef<T>,
        issuer: Option<&Authority>,
        own: Option<&PKey<Private>>,
    ) -> X509 {
        let mut name = X509Name::builder().unwrap();
        for (member, value) in self.subject {
            name.append_entry_by_nid(*member, value).unwrap();
        }
        let name = name.build();
        let mut builder: X509Builder = X509::builder().unwrap();
        builder.set_version(2).unwrap();
        let serial = Asn1Integer::from_bn(&BigNum::from_u32(self.serial).unwrap()).unwrap();
        builder.set_serial_number(&serial).unwrap();
        builder.set_subject_name(&name).unwrap();
        builder.set_issuer_name(issuer.map_or(&name, |issuer| issuer.certificate.subject_name())).unwrap();
        builder.set_not_before(&Asn1Time::from_unix(self.from).unwrap()).unwrap();
        builder.set_not_after(&Asn1Time::from_unix(self.to).unwrap()).unwrap();
        builder.set_pubkey(key).unwrap();
        let (mut basic, mut usage) = (BasicConstraints::new(), KeyUsage::new());
        let (basic, usage) = if self.authority {
            (basic.critical().ca(), usage.critical().key_cert_sign())
        } else {
            (basic.critical(), usage.critical().digital_signature())
        };
        builder.append_extension(basic.build().unwrap()).unwrap();
        builder.append_extension(usage.build().unwrap()).unwrap();
        if let Some((oid, value)) = &self.extension {
            let value = Asn1OctetString::new_from_bytes(value).unwrap();
            let oid = Asn1Object::from_str(oid).unwrap();
            builder.append_extension(X509Extension::new_from_der(&oid, false, &value).unwrap()).unwrap();
        }
        let signer = issuer.map(|issuer| &issuer.key).or(own).unwrap();
        builder.sign(signer, MessageDigest::sha256()).unwrap();
        builder.build()
    }
}

/// A maker: its authorities, the root first.
#[derive(Clone)]
pub struct Maker {
    /// From the root down to what signs keys' certificates.
    pub authorities: Vec<Authority>,
    /// Now, in seconds since 1970.
    pub now: i64,
}

impl Maker {
    /// With one authority below the other, as wanted.
    pub fn of(wanted: &[Wanted<'_>], now: i64) -> Self {
        let mut authorities: Vec<Authority> = Vec::new();
        for one in wanted {
            let key = new_key();
            let certificate = one.make(&key, authorities.last(), Some(&key));
            authorities.push(Authority { key, certificate });
        }
        Self { authorities, now }
    }

    /// A maker whose phones got their attestation keys in the factory.
    pub fn factory(now: i64) -> Self {
        let root = [(Nid::SERIALNUMBER, "f92009e853b6b045")];
        let batch = [(Nid::SERIALNUMBER, "e18c4f2ca699739a"), (Nid::TITLE, "TEE")];
        let phone = [(Nid::SERIALNUMBER, "a0b63a35743673b7"), (Nid::TITLE, "TEE")];
        let of = |subject, serial| Wanted::authority(subject, serial, now);
        Self::of(&[of(&root, 1), of(&batch, 0x0abc), of(&phone, 0x0def)], now)
    }

    /// Google's servers, which give phones attestation keys for some weeks; `place` is TEE or StrongBox.
    pub fn remote(now: i64, place: &str) -> Self {
        let root = [(Nid::COMMONNAME, "Key Attestation CA1"), (Nid::ORGANIZATIONNAME, "Google LLC")];
        let second = [(Nid::ORGANIZATIONNAME, "Google LLC"), (Nid::COMMONNAME, "Droid CA2")];
        let third = [(Nid::ORGANIZATIONNAME, "Google LLC"), (Nid::COMMONNAME, "Droid CA3")];
        let phone = [(Nid::COMMONNAME, "2c85cdc15c3042f25698906669c35137"), (Nid::ORGANIZATIONNAME, place)];
        let of = |subject, serial| Wanted::authority(subject, serial, now);
        Self::of(&[of(&root, 1), of(&second, 2), of(&third, 3), of(&phone, 4)], now)
    }

    /// Apple's authorities for App Attest.
    pub fn apple(now: i64) -> Self {
        let root = [(Nid::COMMONNAME, "Apple App Attestation Root CA")];
        let second = [(Nid::COMMONNAME, "Apple App Attestation CA 1")];
        Self::of(&[Wanted::authority(&root, 1, now), Wanted::authority(&second, 2, now)], now)
    }

    /// The root as PEM.
    pub fn root_pem(&self) -> String {
        String::from_utf8(self.authorities[0].certificate.to_pem().unwrap()).unwrap()
    }

    /// The certificates above a key's own in DER, from below, the root last.
    pub fn above(&self) -> Vec<Vec<u8>> {
        self.authorities.iter().rev().map(|one| one.certificate.to_der().unwrap()).collect()
    }

    /// What signs keys' certificates.
    pub fn signer(&self) -> &Authority {
        self.authorities.last().unwrap()
    }

    /// An Android key's own certificate.
    pub fn android_leaf<T: HasPublic>(&self, told: &Told, key: &PKeyRef<T>) -> X509 {
        let subject = [(Nid::COMMONNAME, "Android Keystore Key")];
        let extension = Some((KEY_DESCRIPTION, told.der()));
        // The app chooses the times, and some choose odd ones.
        let wanted = Wanted { subject: &subject, serial: 1, authority: false, from: 0, to: 1, extension };
        wanted.make(key, Some(self.signer()), None)
    }

    /// What the Keystore answers for a key: its chain in DER.
    pub fn android<T: HasPublic>(&self, told: &Told, key: &PKeyRef<T>) -> Vec<Vec<u8>> {
        let mut chain = vec![self.android_leaf(told, key).to_der().unwrap()];
        chain.extend(self.above());
        chain
    }

    /// What App Attest answers: its CBOR object.
    pub fn app_attest(&self, told: &AppTold) -> Vec<u8> {
        let key = new_key();
        let point = point(&key);
        let id = told.credential_id.unwrap_or_else(|| sha256(&point));
        let mut data = sha256(told.app_id.as_bytes()).to_vec();
        data.push(0x40);
        data.extend(told.counter.to_be_bytes());
        data.extend(told.aaguid);
        data.extend(32u16.to_be_bytes());
        data.extend(id);
        let nonce = sha256(&[data.as_slice(), &told.client_data_hash].concat());
        let extension = seq(&[explicit(1, &der(0x04, &nonce))]);
        let subject = [(Nid::COMMONNAME, "credential")];
        let (from, to) = (self.now - DAY_S, self.now + 3 * DAY_S);
        let extension = Some((APP_ATTEST_NONCE, extension));
        let wanted = Wanted { subject: &subject, serial: 7, authority: false, from, to, extension };
        let leaf = wanted.make(&key, Some(self.signer()), None);
        // Apple leaves the root out.
        let mut chain = vec![leaf.to_der().unwrap()];
        chain.extend(self.authorities.iter().skip(1).rev().map(|one| one.certificate.to_der().unwrap()));
        let chain: Vec<u8> = chain.iter().flat_map(|one| cbor(2, one)).collect();
        let x5c = [cbor(3, b"x5c"), vec![0x80 | self.authorities.len() as u8], chain].concat();
        let statement = [vec![0xa2], x5c, cbor(3, b"receipt"), cbor(2, b"a receipt")].concat();
        let format = [cbor(3, b"fmt"), cbor(3, told.format.as_bytes())].concat();
        [vec![0xa3], format, cbor(3, b"attStmt"), statement, cbor(3, b"authData"), cbor(2, &data)].concat()
    }
}

const KEY_DESCRIPTION: &str = "1.3.6.1.4.1.11129.2.1.17";
const APP_ATTEST_NONCE: &str = "1.2.840.113635.100.8.2";

fn point(key: &PKey<Private>) -> Vec<u8> {
    let key = key.ec_key().unwrap();
    let mut context = BigNumContext::new().unwrap();
    key.public_key().to_bytes(key.group(), PointConversionForm::UNCOMPRESSED, &mut context).unwrap()
}

/// What Android is to tell of a key.
#[derive(Clone)]
pub struct Told {
    /// The challenge.
    pub challenge: Vec<u8>,
    /// Where it was described: 0 software, 1 TEE, 2 StrongBox.
    pub attestation_level: u8,
    /// Where it lives.
    pub key_level: u8,
    /// What for: 2 signs, 3 verifies, 7 attests.
    pub purposes: Vec<u8>,
    /// Where it comes from: 0 generated, 2 imported.
    pub origin: u8,
    /// 0 verified, 1 self-signed, 2 unverified, 3 failed; nothing for no root of trust.
    pub boot: Option<u8>,
    /// Whether the boot loader is locked.
    pub locked: bool,
    /// Whether it asks for the citizen.
    pub user_authentication: bool,
    /// Whether all apps may use it.
    pub all_apps: bool,
    /// The app's package.
    pub package: String,
    /// SHA-256 of the certificate it is signed with.
    pub signing_digest: [u8; 32],
}

/// The verified boot key of phones of this maker.
pub const BOOT_KEY: [u8; 32] = [0xb0; 32];

impl Told {
    /// A good key of a good phone.
    pub fn good(challenge: &str) -> Self {
        Self {
            challenge: challenge.into(),
            attestation_level: 1,
            key_level: 1,
            purposes: vec![2],
            origin: 0,
            boot: Some(0),
            locked: true,
            user_authentication: true,
            all_apps: false,
            package: "org.example.wallet".into(),
            signing_digest: [0x5d; 32],
        }
    }

    /// The value of the extension.
    pub fn der(&self) -> Vec<u8> {
        let number = |value: u8| der(0x02, &[value]);
        let application = seq(&[
            der(0x31, &seq(&[der(0x04, self.package.as_bytes()), number(1)])),
            der(0x31, &der(0x04, &self.signing_digest)),
        ]);
        let purposes: Vec<u8> = self.purposes.iter().flat_map(|one| number(*one)).collect();
        let mut of_key = vec![explicit(1, &der(0x31, &purposes)), explicit(2, &number(3))];
        if self.all_apps {
            of_key.push(explicit(600, &der(0x05, &[])));
        }
        match self.user_authentication {
            true => of_key.push(explicit(504, &number(2))),
            false => of_key.push(explicit(503, &der(0x05, &[]))),
        }
        of_key.push(explicit(702, &number(self.origin)));
        if let Some(boot) = self.boot {
            let locked = if self.locked { 0xff } else { 0 };
            let root = [der(0x04, &BOOT_KEY), der(0x01, &[locked]), der(0x0a, &[boot]), der(0x04, &[1; 32])];
            of_key.push(explicit(704, &seq(&root)));
        }
        of_key.push(explicit(705, &der(0x02, &[1, 0xd4, 0xc0])));
        let of_app = explicit(709, &der(0x04, &application));
        let in_software = self.key_level == 0;
        let (software, hardware) =
            if in_software { ([of_key, vec![of_app]].concat(), vec![]) } else { (vec![of_app], of_key) };
        seq(&[
            number(4),
            der(0x0a, &[self.attestation_level]),
            number(41),
            der(0x0a, &[self.key_level]),
            der(0x04, &self.challenge),
            der(0x04, &[]),
            seq(&software),
            seq(&hardware),
        ])
    }
}

/// What App Attest is to tell.
#[derive(Clone)]
pub struct AppTold {
    /// `fmt`.
    pub format: String,
    /// `TEAMID.bundle`.
    pub app_id: String,
    /// What its key vouches for.
    pub client_data_hash: [u8; 32],
    /// How often its key was used.
    pub counter: u32,
    /// Which build.
    pub aaguid: [u8; 16],
    /// Another name of its key than its hash.
    pub credential_id: Option<[u8; 32]>,
}

impl AppTold {
    /// A good app on a good phone.
    pub fn good(client_data_hash: [u8; 32]) -> Self {
        Self {
            format: "apple-appattest".into(),
            app_id: "TEAM012345.org.example.wallet".into(),
            client_data_hash,
            counter: 0,
            aaguid: *b"appattest\0\0\0\0\0\0\0",
            credential_id: None,
        }
    }
}

fn length(long: usize) -> Vec<u8> {
    match long {
        0..=0x7f => vec![long as u8],
        0x80..=0xff => vec![0x81, long as u8],
        _ => vec![0x82, (long >> 8) as u8, long as u8],
    }
}

fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    [vec![tag], length(content.len()), content.to_vec()].concat()
}

fn seq(members: &[Vec<u8>]) -> Vec<u8> {
    der(0x30, &members.concat())
}

fn explicit(tag: u16, content: &[u8]) -> Vec<u8> {
    let tag = match tag {
        0..=30 => vec![0xa0 | tag as u8],
        31..=127 => vec![0xbf, tag as u8],
        _ => vec![0xbf, 0x80 | (tag >> 7) as u8, (tag & 0x7f) as u8],
    };
    [tag, length(content.len()), content.to_vec()].concat()
}

fn cbor(kind: u8, content: &[u8]) -> Vec<u8> {
    let head = match content.len() {
        long @ 0..=23 => vec![kind << 5 | long as u8],
        long @ 24..=255 => vec![kind << 5 | 24, long as u8],
        long => vec![kind << 5 | 25, (long >> 8) as u8, long as u8],
    };
    [head, content.to_vec()].concat()
}

use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::rsa::Rsa;
use protocol::jwk::Jwk;
use protocol::jws::{Algorithm, Header, Jws, SigningInput};
use wallet_core::ports::{DevicePublicKey, SigningPurpose};

use super::*;

fn options(algorithm: KeyAlgorithm) -> KeyOptions {
    KeyOptions {
        algorithm,
        security_level: SecurityLevelRule::Prefer { level: KeySecurityLevel::SecureElement },
        user_authentication: UserAuthentication::EveryUse,
        attestation_challenge: None,
    }
}

fn prompt() -> SigningPrompt {
    SigningPrompt { purpose: SigningPurpose::Login, audience: None }
}

#[tokio::test]
async fn a_p256_key_signs_what_the_protocol_verifies_also_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let keys = SoftwareKeys::in_folder(folder.path().join("keys")).unwrap();
    let made = keys.create("tessera.a/../b".into(), options(KeyAlgorithm::Es256)).await.unwrap();
    assert_eq!(made.security_level, KeySecurityLevel::Software);
    assert_eq!(made.user_authentication, UserAuthentication::None);
    let again = SoftwareKeys::in_folder(folder.path().join("keys")).unwrap();
    assert_eq!(again.info("tessera.a/../b".into()).await.unwrap(), made);

    let DevicePublicKey::P256 { x, y } = made.public_key else { panic!() };
    let jwk = Jwk::p256(x.try_into().unwrap(), y.try_into().unwrap()).unwrap();
    let input = SigningInput::new(&Header::new(Algorithm::Es256), &"claims").unwrap();
    let signature = again.sign("tessera.a/../b".into(), input.bytes().to_vec(), prompt()).await.unwrap();
    assert_eq!(Jws::parse(&input.attach(&signature)).unwrap().verify(&jwk), Ok(()));
}

#[tokio::test]
async fn an_rsa_key_signs_in_pkcs1() {
    let folder = tempfile::tempdir().unwrap();
    let keys = SoftwareKeys::in_folder(folder.path()).unwrap();
    let made = keys.create("r".into(), options(KeyAlgorithm::Rs256)).await.unwrap();
    assert_eq!(keys.info("r".into()).await.unwrap(), made);
    let DevicePublicKey::Rsa { n, e } = made.public_key else { panic!() };
    assert!(Jwk::rsa(&n, &e).is_ok());
    let signatures = keys.sign_batch("r".into(), vec![b"one".to_vec(), b"two".to_vec()], prompt()).await.unwrap();
    let number = |bytes: &[u8]| openssl::bn::BigNum::from_slice(bytes).unwrap();
    let public = PKey::from_rsa(Rsa::from_public_components(number(&n), number(&e)).unwrap()).unwrap();
    for (message, signature) in [(&b"one"[..], &signatures[0]), (b"two", &signatures[1])] {
        let mut verifier = openssl::sign::Verifier::new(MessageDigest::sha256(), &public).unwrap();
        assert!(verifier.verify_oneshot(signature, message).unwrap());
    }
}

#[tokio::test]
async fn says_what_it_cannot() {
    let folder = tempfile::tempdir().unwrap();
    for keys in [SoftwareKeys::in_memory(), SoftwareKeys::in_folder(folder.path()).unwrap()] {
        let required = KeyOptions {
            security_level: SecurityLevelRule::Require { level: KeySecurityLevel::TrustedEnvironment },
            ..options(KeyAlgorithm::Es256)
        };
        assert_eq!(keys.create("a".into(), required).await, Err(KeyError::Unsupported));
        assert_eq!(keys.info("a".into()).await, Err(KeyError::NotFound));
        keys.create("a".into(), options(KeyAlgorithm::Es256)).await.unwrap();
        let twice = keys.create("a".into(), options(KeyAlgorithm::Es256)).await;
        assert_eq!(twice, Err(KeyError::AlreadyExists));
        assert_eq!(keys.attest("a".into(), vec![0; 32]).await, Err(KeyError::Unsupported));
        keys.delete("a".into()).await.unwrap();
        keys.delete("a".into()).await.unwrap();
        assert_eq!(keys.sign("a".into(), vec![], prompt()).await, Err(KeyError::NotFound));
    }
}

#[tokio::test]
async fn a_damaged_file_is_told_and_nothing_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let keys = SoftwareKeys::in_folder(folder.path()).unwrap();
    private_file::write_new(&folder.path().join(file_name("a")), b"rubbish").unwrap();
    let error = keys.info("a".into()).await.unwrap_err();
    assert_eq!(error, KeyError::Failed { detail: "a key file is damaged".into() });
}

//! What is encrypted for a client opens with its key, and says how.

use josekit::jwe::JweDecrypter;
use josekit::jwe::alg::ecdh_es::EcdhEsJweAlgorithm::EcdhEs;
use josekit::jwe::alg::rsaes::RsaesJweAlgorithm::RsaOaep256;
use protocol::base64url;
use protocol::jws::Algorithm;
use serde_json::Value;

use crate::keys::encrypt;
use crate::testkit::Pair;

#[test]
fn rsa_and_p256_keys_receive() {
    for (alg, name) in [(Algorithm::Rs256, "RSA-OAEP-256"), (Algorithm::Es256, "ECDH-ES")] {
        let pair = Pair::new(alg);
        let token = encrypt(&pair.public, Some("JWT"), b"a signed token").unwrap();
        let header = base64url::decode(token.split('.').next().unwrap()).unwrap();
        let header: Value = serde_json::from_slice(&header).unwrap();
        assert_eq!((header["alg"].as_str(), header["enc"].as_str()), (Some(name), Some("A256GCM")));
        assert_eq!(header["cty"], "JWT");
        assert_eq!(header["kid"], pair.public.thumbprint());
        assert!(header.get("zip").is_none());
        let decrypter: Box<dyn JweDecrypter> = match alg {
            Algorithm::Rs256 => Box::new(RsaOaep256.decrypter_from_jwk(&pair.private).unwrap()),
            _ => Box::new(EcdhEs.decrypter_from_jwk(&pair.private).unwrap()),
        };
        let (content, _) = josekit::jwe::deserialize_compact(&token, &*decrypter).unwrap();
        assert_eq!(content, b"a signed token");
    }
    assert!(encrypt(&Pair::new(Algorithm::EdDsa).public, None, b"x").is_err());
}

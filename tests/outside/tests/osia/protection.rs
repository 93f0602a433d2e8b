//! Integrity and encryption of what is enrolled (OSIA-INT, OSIA-ENC), and what an operator may demand of a client.

use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use josekit::jwk::Jwk;
use outside::relying_party::RelyingParty;
use outside::server::{Database, Server};
use outside::service::Service;
use serde_json::{Value, json};

use crate::protect::{Recipients, block, cms_signature, hashed, jws, signed, with};
use crate::{buffers, enrollment, finalize, new_id, office, read_back};

const IMAGE: &str = "SU1BR0UgQlVGRkVSIEJBU0U2NCBFTkNPREVE";

fn finger() -> Value {
    json!({ "biometricType": "FINGER", "biometricSubType": "RIGHT_INDEX", "image": IMAGE, "comment": "not in scope" })
}

fn names() -> Value {
    json!({ "firstName": "Alice", "lastName": "Smith", "dateOfBirth": "1985-11-30" })
}

/// The URL of a buffer, as a document refers to it.
fn url(service: &Service, id: &str, buffer: &str) -> String {
    format!("{}/v1/enrollments/{id}/buffer/{buffer}", service.origin)
}

async fn upload(office: &Service, id: &str, media: &str, bytes: &[u8]) -> String {
    let buffer = office.upload(&buffers(id), media, bytes).await.is(201).parsed();
    url(office, id, buffer["bufferId"].as_str().unwrap())
}

async fn taken(office: &Service, told: &str, document: &Value) {
    let id = new_id();
    let reply = office.post(&enrollment(&id), document).await;
    assert_eq!(reply.status, 204, "{told}: {}", reply.text());
    assert_eq!(office.get(&enrollment(&id)).await.json(), read_back(document, &id, "IN_PROGRESS"), "{told}");
}

async fn refused(office: &Service, told: &str, document: &Value) -> String {
    let id = new_id();
    let reply = office.post(&enrollment(&id), document).await;
    assert_eq!(reply.status, 400, "{told}: {}", reply.text());
    office.get(&enrollment(&id)).await.refused(404);
    reply.refused(400)
}

/// Waits until a document gets another status: a running server believes what it knows of a client for some seconds.
async fn until(office: &Service, told: &str, document: &Value, status: u16) {
    let began = Instant::now();
    while office.post(&enrollment(&new_id()), document).await.status != status {
        assert!(began.elapsed() < Duration::from_secs(180), "{told}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// An enrollment with this block over its names.
fn over_names(block: Value) -> Value {
    json!({ "biographicData": names(), "integrity": [block] })
}

fn names_block(alg: &str) -> Value {
    block("biographicData", alg, &json!({ "biographicData": names() }))
}

/// OSIA-INT-01 to 06, 08, 09, 11, GS-ENR-05b, 05d.
#[tokio::test(flavor = "multi_thread")]
async fn integrity_blocks_are_checked() {
    for database in Database::all() {
        let server = Server::start(database, "").await;
        let office = office(&server).await;
        good_blocks(&office).await;
        published_vectors(&office).await;
        signatures(&office).await;
        let good = names_block("SHA256");
        for member in ["scope", "alg", "hash"] {
            let mut without = good.clone();
            without.as_object_mut().unwrap().remove(member);
            refused(&office, "OSIA-INT-01", &over_names(without)).await;
        }
        for (told, bad) in [
            ("OSIA-INT-02: type", json!({ "type": "PGP" })),
            ("OSIA-INT-02: no signature", json!({ "type": "JWS" })),
            ("OSIA-INT-04: inside the scope", json!({ "hash": hashed(&json!({}), "SHA256") })),
            ("OSIA-INT-04: a path to nothing", json!({ "scope": "biographicData.nobody" })),
            ("OSIA-INT-04: no path", json!({ "scope": "biographicData[" })),
            ("OSIA-INT-04: no scope", json!({ "scope": " " })),
            ("OSIA-INT-05: alg", json!({ "alg": "MD5" })),
            ("OSIA-INT-06: a text for a boolean", json!({ "encrypted": "false" })),
            ("OSIA-INT-10", json!({ "signatureRef": "not a uri" })),
            ("a further member", json!({ "more": 1 })),
        ] {
            refused(&office, told, &over_names(with(good.clone(), bad))).await;
        }
        // OSIA-INT-08: the broken one is named.
        let broken = with(good.clone(), json!({ "hash": hashed(&json!({}), "SHA256") }));
        let both = json!({ "biographicData": names(), "integrity": [good, broken] });
        assert!(refused(&office, "OSIA-INT-08", &both).await.contains("integrity[1]"));
    }
}

async fn good_blocks(office: &Service) {
    for alg in ["SHA256", "SHA384", "SHA512"] {
        taken(office, alg, &over_names(names_block(alg))).await;
    }
    taken(office, "OSIA-INT-02", &over_names(with(names_block("SHA256"), json!({ "type": "NONE", "id": "1" })))).await;
    let dollar = with(names_block("SHA256"), json!({ "scope": "$.biographicData" }));
    taken(office, "OSIA-INT-04: with the root's name", &over_names(dollar)).await;
    // OSIA-INT-04: what is not in scope may be anything.
    let first = block("biographicData.firstName", "SHA256", &json!({ "biographicData": { "firstName": "Alice" } }));
    for last in ["Smith", "Jones"] {
        let mut document = over_names(first.clone());
        document["biographicData"]["lastName"] = last.into();
        taken(office, "OSIA-INT-04", &document).await;
    }
    let mut changed = over_names(first);
    changed["biographicData"]["firstName"] = "Alicia".into();
    refused(office, "OSIA-INT-04: inside the scope", &changed).await;
    // OSIA-INT-05: neither the order of members nor blanks matter.
    let text = format!(
        "{{ \"integrity\" : [ {} ],\n \"biographicData\" : {{ \"lastName\":\"Smith\",\t\"firstName\" : \"Alice\", \
         \"dateOfBirth\":\"1985-11-30\" }} }}",
        names_block("SHA256")
    );
    let request = office.request("POST", &enrollment(&new_id())).header("content-type", "application/json");
    assert_eq!(request.body(text).send().await.unwrap().status(), 204, "OSIA-INT-05");
    // OSIA-INT-11: wherever the schema has them.
    let mut biometric = finger();
    biometric["integrity"] = json!([block("image", "SHA256", &json!({ "image": IMAGE }))]);
    let part =
        json!({ "data": "AA==", "pages": [1], "integrity": [block("data", "SHA256", &json!({ "data": "AA==" }))] });
    let parts = json!({ "parts": [{ "pages": [1] }] });
    let document =
        json!({ "documentType": "FORM", "parts": [part], "integrity": [block("parts[*].pages", "SHA256", &parts)] });
    taken(office, "OSIA-INT-11", &json!({ "biometricData": [biometric], "documentData": [document] })).await;
}

/// OSIA-INT-03, 05: the vectors of OSIA's security chapter.
async fn published_vectors(office: &Service) {
    let mut biometric = finger();
    biometric["integrity"] = json!([{
        "id": "1", "alg": "SHA256", "scope": "image biometricType biometricSubType",
        "hash": "7a0f87b0ebb9236486f32d0f19fb560af06e74ba2a0b1202c167453471113787"
    }]);
    let document = json!({
        "documentType": "FORM",
        "parts": [{ "pages": [1, 2], "data": "c3RyaW5n" }, { "pages": [3], "data": "c3RyaW5n" }],
        "integrity": [{
            "id": "1", "alg": "SHA256", "scope": "documentType parts[*].pages parts[*].data",
            "hash": "af91f5af01fe20f57ad56edf5a9cdf1d4e003f6202fd5c19393a0ed7b543310b"
        }]
    });
    let whole = json!({
        "biographicData": names(), "biometricData": [biometric], "documentData": [document],
        "integrity": [{
            "alg": "SHA256",
            "scope": "biographicData.firstName biographicData.lastName biometricData[*].integrity[?@.id=='1'].hash \
                      documentData[*].integrity[?@.id=='1'].hash",
            "hash": "75ece99127701e2f74d9075bb6662cd33a3b59dbed935fbba5294de13771c369"
        }]
    });
    taken(office, "OSIA-INT-03, 05", &whole).await;
    let mut changed = whole;
    changed["documentData"][0]["parts"][1]["pages"] = json!([4]);
    refused(office, "OSIA-INT-05", &changed).await;
}

/// OSIA-INT-09, GS-ENR-05b, 05d.
async fn signatures(office: &Service) {
    let key = &office.party.key;
    let good = names_block("SHA256");
    let hash = good["hash"].as_str().unwrap().to_owned();
    let by = |signature: String| over_names(with(good.clone(), json!({ "type": "JWS", "signature": signature })));
    taken(office, "OSIA-INT-09: detached", &by(jws(key, &hash, true))).await;
    taken(office, "OSIA-INT-09: attached", &by(jws(key, &hash, false))).await;
    let mut stranger = RelyingParty::new_key("/op");
    refused(office, "GS-ENR-05d: a stranger's key", &by(jws(&stranger, &hash, true))).await;
    stranger.set_key_id(key.key_id().unwrap());
    refused(office, "GS-ENR-05d: a stranger's key by a known name", &by(jws(&stranger, &hash, true))).await;
    refused(office, "a signature over something else", &by(jws(key, &hashed(&json!({}), "SHA256"), false))).await;
    refused(office, "no signature", &by("a.b.c".into())).await;
    let unsecured = format!("eyJhbGciOiJub25lIn0.{}.", base64::prelude::BASE64_URL_SAFE_NO_PAD.encode(&hash));
    refused(office, "alg none", &by(unsecured)).await;
    // GS-ENR-05b: one byte of what is signed is another.
    let mut changed = by(jws(key, &hash, true));
    changed["biographicData"]["lastName"] = "Smits".into();
    refused(office, "GS-ENR-05b", &changed).await;
    let pkcs7 = |key: &Jwk, text: &str| {
        let pem = String::from_utf8(cms_signature(key, text).to_pem().unwrap()).unwrap();
        over_names(with(good.clone(), json!({ "type": "PKCS7", "signature": pem })))
    };
    taken(office, "OSIA-INT-09: PEM", &pkcs7(key, &hash)).await;
    refused(office, "OSIA-INT-09: PEM over something else", &pkcs7(key, "other")).await;
    refused(office, "OSIA-INT-09: PEM by a stranger", &pkcs7(&stranger, &hash)).await;
}

/// OSIA-INT-06, 07, 10: encrypted data, referenced buffers, signatures in buffers.
#[tokio::test(flavor = "multi_thread")]
async fn blocks_reach_buffers_and_what_is_encrypted() {
    for database in Database::all() {
        let server = Server::start(database, "").await;
        let office = office(&server).await;
        let id = new_id();
        office.post(&enrollment(&id), &json!({})).await.is(204);
        let bytes = STANDARD.decode(IMAGE).unwrap();
        let image = upload(&office, &id, "image/png", &bytes).await;
        let other = upload(&office, &id, "image/png", b"another picture").await;
        let finger = |reference: &str, block: Value| {
            let one = json!({ "biometricType": "FINGER", "imageRef": reference, "integrity": [block] });
            json!({ "biometricData": [one] })
        };
        let path = enrollment(&id);
        // OSIA-INT-07: only the URL counts, or what it leads to, in the place of `image`.
        let by_url = block("imageRef", "SHA256", &json!({ "imageRef": image }));
        office.put(&path, &finger(&image, by_url.clone())).await.is(204);
        office.put(&path, &finger(&other, by_url)).await.refused(400);
        let followed = with(block("image", "SHA256", &json!({ "image": IMAGE })), json!({ "followRef": true }));
        office.put(&path, &finger(&image, followed.clone())).await.is(204);
        office.put(&path, &finger(&other, followed.clone())).await.refused(400);
        for elsewhere in ["http://127.0.0.1:1/image", "http://169.254.169.254/latest", "file:///etc/passwd"] {
            office.put(&path, &finger(elsewhere, followed.clone())).await.refused(400);
        }
        // OSIA-INT-10.
        let unsigned = names_block("SHA256");
        let hash = unsigned["hash"].as_str().unwrap();
        let der = cms_signature(&office.party.key, hash).to_der().unwrap();
        let signature = upload(&office, &id, "application/pkcs7-signature", &der).await;
        let block = |reference: &str| with(unsigned.clone(), json!({ "type": "PKCS7", "signatureRef": reference }));
        office.put(&path, &over_names(block(&signature))).await.is(204);
        office.put(&path, &over_names(block(&image))).await.refused(400);
        // OSIA-INT-06: over what was encrypted, or over what was there before.
        let recipients = Recipients::of(&office).await;
        let sealed = recipients.jwe("EC", names().to_string().as_bytes());
        let encryption = json!({ "type": "JWE", "scope": "biographicData" });
        let document =
            |block: Value| json!({ "biographicData": sealed, "encryption": encryption, "integrity": [block] });
        office.put(&path, &document(names_block("SHA256"))).await.is(204);
        let over_sealed = crate::protect::block("biographicData", "SHA256", &json!({ "biographicData": sealed }));
        office.put(&path, &document(with(over_sealed.clone(), json!({ "encrypted": true })))).await.is(204);
        office.put(&path, &document(over_sealed)).await.refused(400);
        office.put(&path, &document(with(names_block("SHA256"), json!({ "encrypted": true })))).await.refused(400);
        office.send("PUT", &finalize(&id), None).await.is(204);
    }
}

/// OSIA-ENC-01 to 07, GS-ENR-06: taken where a key of the server opens it, and given back as it came.
#[tokio::test(flavor = "multi_thread")]
async fn encrypted_data_is_taken_where_it_is_for_this_server() {
    for database in Database::all() {
        let server = Server::start(database, "").await;
        let office = office(&server).await;
        let recipients = Recipients::of(&office).await;
        let (clear, pretty) = (names().to_string(), format!("{:#}", names()));
        let root = |kind: &str, sealed: String| json!({ "biographicData": sealed, "encryption": { "type": kind, "scope": "biographicData" } });
        for kind in ["EC", "RSA"] {
            taken(&office, "OSIA-ENC-03", &root("JWE", recipients.jwe(kind, clear.as_bytes()))).await;
        }
        taken(&office, "OSIA-ENC-03: not canonical", &root("JWE", recipients.jwe("EC", pretty.as_bytes()))).await;
        // AES-CBC notices no change: a block over the clear text has to.
        let enveloped = root("PKCS7", recipients.cms_text(clear.as_bytes()));
        let proven = with(enveloped.clone(), json!({ "integrity": [names_block("SHA256")] }));
        taken(&office, "OSIA-ENC-07", &proven).await;
        refused(&office, "OSIA-ENC-07: without a block", &enveloped).await;
        let changed = crate::protect::block("biographicData", "SHA256", &json!({ "biographicData": { "a": 1 } }));
        refused(&office, "OSIA-ENC-07: another hash", &with(enveloped, json!({ "integrity": [changed] }))).await;
        // OSIA-ENC-04, 06: of a buffer its bytes, at the object that has it.
        let image = STANDARD.decode(IMAGE).unwrap();
        let at = |kind: &str, scope: &str| json!({ "type": kind, "scope": scope });
        for (kind, sealed) in [("JWE", recipients.jwe("EC", &image)), ("PKCS7", recipients.cms_text(&image))] {
            let over = |name: &str| json!([crate::protect::block(name, "SHA256", &json!({ (name): IMAGE }))]);
            let face = json!({
                "biometricType": "FACE", "image": sealed, "encryption": at(kind, "image"), "integrity": over("image")
            });
            taken(&office, "OSIA-ENC-04, 06", &json!({ "biometricData": [face] })).await;
            let part = json!({ "data": sealed, "encryption": at(kind, "data"), "integrity": over("data") });
            taken(&office, "OSIA-ENC-06", &json!({ "documentData": [{ "documentType": "FORM", "parts": [part] }] }))
                .await;
        }
        // OSIA-ENC-02: several.
        let sealed = recipients.jwe("EC", clear.as_bytes());
        let two = json!({
            "biographicData": sealed, "biometricData": [{ "biometricType": "FACE", "image": recipients.jwe("EC", &image) }],
            "encryption": at("JWE", "biographicData\n biometricData[0].image")
        });
        taken(&office, "OSIA-ENC-02", &two).await;
        referenced(&office, &recipients).await;
        let foreign = {
            let mut changed = sealed.clone().into_bytes();
            let last = changed.len() - 1;
            changed[last] = if changed[last] == b'A' { b'B' } else { b'A' };
            String::from_utf8(changed).unwrap()
        };
        let block = |encryption: Value| json!({ "biographicData": sealed, "encryption": encryption });
        let part = json!({ "documentType": "FORM", "parts": [{ "data": sealed }], "encryption": at("JWE", "parts") });
        for (told, bad) in [
            ("OSIA-ENC-01: type", block(at("PGP", "biographicData"))),
            ("OSIA-ENC-01: no type", block(json!({ "scope": "biographicData" }))),
            ("OSIA-ENC-02: no scope", block(json!({ "type": "JWE" }))),
            ("OSIA-ENC-02: a scope without paths", block(at("JWE", ""))),
            ("OSIA-ENC-02: no path", block(at("JWE", "biographicData["))),
            ("OSIA-ENC-02: a path to nothing", block(at("JWE", "biometricData"))),
            ("OSIA-ENC-06: not at a document", json!({ "documentData": [part] })),
            ("not encrypted", json!({ "biographicData": names(), "encryption": at("JWE", "biographicData") })),
            ("changed on the way", root("JWE", foreign)),
            ("a JWE as PKCS7", root("PKCS7", sealed.clone())),
            ("CMS as a JWE", root("JWE", recipients.cms_text(clear.as_bytes()))),
            ("no JWE", root("JWE", "a.b.c.d.e".into())),
            ("what is no JSON", root("JWE", recipients.jwe("EC", b"no JSON"))),
        ] {
            refused(&office, told, &bad).await;
        }
    }
}

/// OSIA-ENC-05: the URL stays, the buffer is encrypted, and comes back so.
async fn referenced(office: &Service, recipients: &Recipients) {
    let id = new_id();
    office.post(&enrollment(&id), &json!({})).await.is(204);
    let sealed = recipients.cms(b"a picture");
    let image = upload(office, &id, "application/pkcs7-mime", &sealed).await;
    let encryption = json!({ "type": "PKCS7", "scope": "imageRef" });
    let face = json!({ "biometricType": "FACE", "imageRef": image, "encryption": encryption });
    office.put(&enrollment(&id), &json!({ "biometricData": [face] })).await.refused(400);
    let over = crate::protect::block("image", "SHA256", &json!({ "image": STANDARD.encode(b"a picture") }));
    let face = with(face, json!({ "integrity": [with(over, json!({ "followRef": true }))] }));
    let document = json!({ "biometricData": [face] });
    office.put(&enrollment(&id), &document).await.is(204);
    assert_eq!(office.get(&enrollment(&id)).await.json(), read_back(&document, &id, "IN_PROGRESS"), "OSIA-ENC-05");
    let path = image.strip_prefix(&office.origin).unwrap();
    assert!(office.get(&format!("{path}?transactionId=t")).await.is(200).bytes == sealed, "OSIA-ENC-05");
}

/// GS-ENR-05a, 05d, 07: what the operator demands of a client; keys that were retired; packets made offline.
#[tokio::test(flavor = "multi_thread")]
async fn a_client_is_held_to_what_its_operator_demands() {
    for database in Database::all() {
        let server = Server::start(database, "").await;
        let office = office(&server).await;
        let policy = json!({
            "context": ["operator", "place"], "integrity": ["biographicData"], "signature": ["JWS"],
            "encryption": ["biographicData"]
        });
        let name = office.party.client_id.as_str();
        server.command(&["client", "enrollment-policy", name, "--mount", "op", &policy.to_string()]);
        until(&office, "GS-ENR-05a: nothing of it", &json!({}), 400).await;
        // GS-ENR-07: one packet, made with no call before it but for the server's keys, days ago.
        let recipients = Recipients::of(&office).await;
        let sealed = recipients.jwe("RSA", names().to_string().as_bytes());
        let packet = json!({
            "contextualData": { "operator": "op-7", "place": "Libourne", "captured": "2019-05-21T12:00:00Z" },
            "biographicData": sealed,
            "encryption": { "type": "JWE", "scope": "biographicData" },
            "integrity": [signed(names_block("SHA256"), &office.party.key)]
        });
        let id = new_id();
        let reply = office.post(&format!("{}&finalize=true", enrollment(&id)), &packet).await;
        assert_eq!(reply.status, 204, "{}", reply.text());
        assert_eq!(office.get(&enrollment(&id)).await.json(), read_back(&packet, &id, "FINALIZED"));
        for (told, member, other) in [
            ("GS-ENR-05a: no place", "contextualData", json!({ "operator": "op-7" })),
            ("GS-ENR-05a: nobody signed", "integrity", json!([names_block("SHA256")])),
            ("GS-ENR-05a: no integrity", "integrity", json!([])),
        ] {
            let mut less = packet.clone();
            less[member] = other;
            refused(&office, told, &less).await;
        }
        let mut clear = packet.clone();
        clear["biographicData"] = names();
        clear.as_object_mut().unwrap().remove("encryption");
        refused(&office, "GS-ENR-06: in the clear", &clear).await;
        // GS-ENR-05d: a key that was retired signs nothing any more.
        let file = server.path("next.jwk");
        let list = server.command(&["client", "keys", name, "--mount", "op", "--new-key", file.to_str().unwrap()]);
        let old = thumbprint(&office.party.key);
        assert!(list.contains(&old), "{list}");
        server.command(&["client", "keys", name, "--mount", "op", "--retire", &old]);
        until(&office, "GS-ENR-05d: a retired key", &packet, 400).await;
        let next = Jwk::from_bytes(std::fs::read(&file).unwrap()).unwrap();
        let mut again = packet.clone();
        again["integrity"] = json!([signed(names_block("SHA256"), &next)]);
        taken(&office, "GS-ENR-05d: the new key", &again).await;
    }
}

/// RFC 7638.
fn thumbprint(key: &Jwk) -> String {
    let member = |name: &str| key.parameter(name).unwrap().as_str().unwrap().to_owned();
    let canonical = json!({ "crv": member("crv"), "kty": "EC", "x": member("x"), "y": member("y") }).to_string();
    let digest = openssl::hash::hash(openssl::hash::MessageDigest::sha256(), canonical.as_bytes()).unwrap();
    base64::prelude::BASE64_URL_SAFE_NO_PAD.encode(digest)
}

mod commands;
mod kinds;
mod resuming;

use std::io::Cursor;

use josekit::jwk::KeyPair;
use josekit::jwk::alg::ec::{EcCurve, EcKeyPair};
use josekit::jwk::alg::rsa::RsaKeyPair;
use serde_json::{Map, Value, json};

use super::{Counts, Envelope, EnvelopeError, ImportError, Opener, export, import};
use crate::audit::{Event, EventKind};
use crate::consents::{self, NewReceipt, Signed};
use crate::dialect::Mount;
use crate::ids::Kind;
use crate::population;
use crate::registry::{self, Change, Identifier, IdentifierKind, NewPerson, PersonId, Photo, Verification};
use crate::secrets::Secrets;
use crate::state::AppState;
use crate::store::StoreError;
use crate::testkit::{Kit, RelyingParty};
use crate::wait::Hub;

/// Another instance: a database of its own, and another secret.
async fn elsewhere(kit: &Kit) -> (AppState, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let waits = Hub::new();
    let mut config = crate::config::Config::clone(&kit.state.config);
    config.database.url = format!("sqlite:{}", folder.path().join("other.sqlite").display());
    let store = crate::store::Store::open(&config.database.url, waits.on_wake()).await.unwrap();
    store.migrate().await.unwrap();
    let (clock, rng) = (kit.state.clock.clone(), kit.state.rng.clone());
    (AppState::new(config, store, waits, Secrets::new([9; 32]), clock, rng).unwrap(), folder)
}

async fn somebody(kit: &Kit) -> PersonId {
    let attributes = json!({ "name": "Zora Marker", "given_name": "Zora", "birthdate": "1990-02-03" });
    let identifiers = [(IdentifierKind::Uin, "5601934482"), (IdentifierKind::Handle, "zora")];
    let identifiers = identifiers.map(|(kind, value)| Identifier { kind, value: value.into() }).to_vec();
    let verifications: Vec<Verification> = serde_json::from_value(json!([
        { "trust_framework": "law", "time": "2026-01-01T00:00:00Z", "claims": ["birthdate"] }
    ]))
    .unwrap();
    let photo = Some(Photo { media_type: "image/jpeg".into(), bytes: b"\xff\xd8\xff\xe0".to_vec().into() });
    let attributes = attributes.as_object().unwrap().clone();
    let person = NewPerson { identifiers, attributes, verifications, photo };
    let person = registry::add(&kit.state, person).await.unwrap();
    let set: Map<String, Value> = json!({ "given_name": "Zorana" }).as_object().unwrap().clone();
    registry::change(&kit.state, person, Change { set, ..Change::default() }).await.unwrap();
    let state = kit.state.clone();
    let written = kit.state.store.write(move |tx| {
        Box::pin(async move {
            let receipt = NewReceipt {
                mount: Mount::Op,
                client_id: "clinic".into(),
                person,
                transaction: 77,
                claims: vec!["name".into()],
                scopes: vec!["openid".into()],
                signed: Signed { key: Some(5), statement: Some("a.b.c".into()), signature: None },
                rests_on: None,
                expires_at: None,
            };
            let id = consents::record(&state, tx, receipt).await?;
            consents::withdraw_one(&state, tx, id).await?;
            let event = Event::new(EventKind::LoginFinished, Mount::Op).client("clinic").person(person.0).login(77);
            state.audit.record(tx, event).await?;
            Ok::<_, registry::Fault>(())
        })
    });
    written.await.unwrap();
    person
}

async fn written(state: &AppState, envelope: &Envelope) -> (Vec<u8>, Counts) {
    let mut file = Vec::new();
    let counts = export(state, envelope, &mut file).await.unwrap();
    (file, counts)
}

async fn read(state: &AppState, opener: &Opener, file: &[u8]) -> Result<Counts, ImportError> {
    import(state, opener, || Ok(Cursor::new(file.to_vec()))).await
}

/// All that anybody is told of a person.
async fn told(state: &AppState, person: PersonId) -> Value {
    let names = ["name", "given_name", "birthdate", "picture", "individual_id", "updated_at"].map(String::from);
    let receipts: Vec<String> =
        consents::of_person(state, person).await.unwrap().iter().map(|receipt| format!("{receipt:?}")).collect();
    let history: Vec<String> = registry::history(state, person, 0, 100)
        .await
        .unwrap()
        .iter()
        .map(|entry| format!("{:?}", (entry.id, entry.at, entry.action, &entry.because.by, &entry.changes)))
        .collect();
    assert_eq!(history.len(), 2);
    let verified = registry::verifications(state, person).await.unwrap();
    let inner = state.clone();
    let kept = state.store.read(move |tx| Box::pin(async move { population::kept(&inner, tx, person).await }));
    json!({
        "claims": registry::claims(state, person, &names, &[]).await.unwrap(),
        "receipts": receipts, "history": history, "verified": verified, "kept": kept.await.unwrap(),
        "subject": registry::subject_for(state, person, "party of clinic").await.unwrap(),
        "handle": registry::find(state, "zora").await.unwrap()
    })
}

async fn events_of(state: &AppState, person: PersonId) -> Vec<String> {
    let subject = state.audit.subject(person.0);
    let rows = state.store.read(|tx| Box::pin(crate::audit::carry(tx, 0, 1000))).await;
    let rows: Result<Vec<_>, StoreError> = rows;
    let mine = rows.unwrap().into_iter().filter(|(_, of)| of.subject.as_ref() == Some(&subject));
    mine.map(|(event, _)| serde_json::to_string(&event).unwrap()).collect()
}

/// GS-GEN-11: export, import into an empty instance with another secret, read the same identity and the same history.
#[tokio::test(flavor = "multi_thread")]
async fn gs_gen_11_on_both_what_is_carried_elsewhere_is_the_same_there() {
    for kit in Kit::both().await {
        RelyingParty::new(&kit, Mount::Op, "clinic").await;
        let person = somebody(&kit).await;
        let (file, counts) = written(&kit.state, &Envelope::Clear).await;
        assert_eq!((counts["person"], counts["population"], counts["receipt"], counts["subject"]), (1, 1, 1, 1));
        let (other, _folder) = elsewhere(&kit).await;
        assert_eq!(read(&other, &Opener::Clear, &file).await.unwrap(), counts);
        assert_eq!(told(&other, person).await, told(&kit.state, person).await);
        assert_eq!(events_of(&other, person).await, events_of(&kit.state, person).await);
        assert!(!events_of(&other, person).await.is_empty());
        assert!(matches!(read(&other, &Opener::Clear, &file).await, Err(ImportError::NotEmpty)));
        // What is carried on from there is the same again.
        let (again, _) = written(&other, &Envelope::Clear).await;
        let lines = |file: &[u8], kind: &str| {
            let text = String::from_utf8(file.to_vec()).unwrap();
            let of = format!("{{\"record\":\"{kind}\"");
            text.lines().filter(|line| line.starts_with(&of)).map(str::to_owned).collect::<Vec<_>>()
        };
        for kind in ["person", "population", "receipt"] {
            assert_eq!(lines(&again, kind), lines(&file, kind), "{kind}");
        }
    }
}

#[tokio::test]
async fn an_encrypted_export_opens_with_its_key_only_and_shows_nothing() {
    let kit = Kit::new().await;
    somebody(&kit).await;
    let ec: Box<dyn KeyPair> = Box::new(EcKeyPair::generate(EcCurve::P256).unwrap());
    let rsa: Box<dyn KeyPair> = Box::new(RsaKeyPair::generate(2048).unwrap());
    for pair in [ec, rsa] {
        let envelope = Envelope::to(&pair.to_jwk_public_key().to_string()).unwrap();
        let (file, counts) = written(&kit.state, &envelope).await;
        assert!(!String::from_utf8_lossy(&file).contains("Zora"));
        let (other, _folder) = elsewhere(&kit).await;
        assert!(matches!(
            read(&other, &Opener::Clear, &file).await,
            Err(ImportError::Envelope(EnvelopeError::NeedsKey))
        ));
        let stranger = EcKeyPair::generate(EcCurve::P256).unwrap().to_jwk_private_key().to_string();
        let wrong = read(&other, &Opener::with(&stranger).unwrap(), &file).await;
        assert!(matches!(wrong, Err(ImportError::Envelope(EnvelopeError::Line(1)))));
        let own = Opener::with(&pair.to_jwk_private_key().to_string()).unwrap();
        assert_eq!(read(&other, &own, &file).await.unwrap(), counts);
    }
    assert!(Envelope::to("{}").is_err() && Opener::with("no key").is_err());
}

#[tokio::test]
async fn a_file_that_is_not_whole_changes_nothing() {
    let kit = Kit::new().await;
    somebody(&kit).await;
    let (file, _) = written(&kit.state, &Envelope::Clear).await;
    let text = String::from_utf8(file).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let whole = |lines: &[&str]| format!("{}\n", lines.join("\n")).into_bytes();
    let (other, _folder) = elsewhere(&kit).await;
    let without_end = whole(&lines[..lines.len() - 1]);
    let without_one: Vec<&str> = [&lines[..1], &lines[2..]].concat();
    let mut more = lines.clone();
    more.push(lines[1]);
    for cut in [without_end, whole(&without_one), whole(&more)] {
        assert!(matches!(read(&other, &Opener::Clear, &cut).await, Err(ImportError::Cut)));
    }
    assert!(matches!(read(&other, &Opener::Clear, b"{}\n").await, Err(ImportError::Line(1))));
    assert!(matches!(read(&other, &Opener::Clear, &whole(&lines[1..])).await, Err(ImportError::Foreign)));
    assert!(registry::find(&other, "5601934482").await.unwrap().is_none());
}

//! Tests of the registry on both databases, and of its commands.

use clap::Parser;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::cli::{self, CliError, PersonCommand};
use super::*;
use crate::testkit::Kit;

const UIN: &str = "5601934482";
const PNG: &[u8] = b"\x89PNG\r\n\x1a\nrest";

fn amina() -> NewPerson {
    let identifier = |kind, value: &str| Identifier { kind, value: value.into() };
    let attributes = json!({
        "name#en": "Amina Marker", "name#fr": "Amina Marqueur", "birthdate": "1990-02-28",
        "email": "amina.marker@example.org", "phone_number": "+221700000000", "locale": "fr"
    });
    NewPerson {
        identifiers: vec![
            identifier(IdentifierKind::Uin, UIN),
            identifier(IdentifierKind::Vid, "9014827365120473"),
            identifier(IdentifierKind::Handle, "amina@phone"),
        ],
        attributes: attributes.as_object().unwrap().clone(),
        photo: Some(Photo { media_type: "image/png".into(), bytes: Zeroizing::new(PNG.to_vec()) }),
        verifications: vec![
            serde_json::from_value(json!({
                "trust_framework": "national", "time": "2025-12-01T10:00:00Z", "claims": ["name", "birthdate"]
            }))
            .unwrap(),
        ],
    }
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[tokio::test]
async fn on_both_a_person_is_found_by_any_identifier_and_tells_what_is_asked() {
    for kit in Kit::both().await {
        let state = &kit.state;
        let person = add(state, amina()).await.unwrap();
        for id in [UIN, "9014827365120473", "amina@phone", " 5601934482\n"] {
            assert_eq!(find(state, id).await.unwrap(), Some(person), "{id}");
        }
        for id in ["", "560193448", "AMINA@phone", "5601934482x"] {
            assert_eq!(find(state, id).await.unwrap(), None, "{id}");
        }
        // GS-PRI-01a, GS-SEC-05e: what is asked and known, and nothing else.
        let told = claims(state, person, &names(&["name", "address", "birthdate"]), &[]).await.unwrap();
        assert_eq!(Value::from(told), json!({ "name": "Amina Marqueur", "birthdate": "1990-02-28" }));
        let told = claims(state, person, &names(&["name"]), &names(&["en", "fr"])).await.unwrap();
        assert_eq!(Value::from(told), json!({ "name#en": "Amina Marker", "name#fr": "Amina Marqueur" }));
        let told = claims(state, person, &names(&["picture", "individual_id", "updated_at"]), &[]).await.unwrap();
        assert_eq!(told["individual_id"], UIN);
        assert!(told["picture"].as_str().unwrap().starts_with("data:image/png;base64,iVBOR"));
        assert_eq!(told["updated_at"], crate::testkit::START / 1000);
        assert!(claims(state, person, &[], &[]).await.unwrap().is_empty());
        let known = known(state, person).await.unwrap();
        assert!(known.contains(&"picture".to_owned()) && !known.contains(&"address".to_owned()));
        let reached = contacts(state, person).await.unwrap();
        assert_eq!(reached.email.as_deref(), Some("amina.marker@example.org"));
        assert_eq!((reached.phone.as_deref(), reached.language.as_deref()), (Some("+221700000000"), Some("fr")));
    }
}

#[tokio::test]
async fn on_both_an_identifier_is_one_persons_and_all_are_added_or_none() {
    for kit in Kit::both().await {
        let state = &kit.state;
        add(state, amina()).await.unwrap();
        let other = NewPerson {
            identifiers: vec![Identifier { kind: IdentifierKind::Handle, value: "other".into() }],
            ..NewPerson::default()
        };
        let taken = NewPerson {
            identifiers: vec![Identifier { kind: IdentifierKind::Handle, value: UIN.into() }],
            ..NewPerson::default()
        };
        let refused = add_all(state, vec![other.clone(), taken]).await.unwrap_err();
        assert!(matches!(refused, (1, AddError::Duplicate("handle"))), "{refused:?}");
        assert_eq!(find(state, "other").await.unwrap(), None);
        let twice = NewPerson { identifiers: [other.identifiers.clone(), other.identifiers.clone()].concat(), ..other };
        assert!(matches!(add(state, twice).await, Err(AddError::Duplicate("handle"))));
        assert_eq!(find(state, "other").await.unwrap(), None);
    }
}

#[tokio::test]
async fn on_both_a_disabled_person_is_as_good_as_unknown() {
    for kit in Kit::both().await {
        let state = &kit.state;
        let person = add(state, amina()).await.unwrap();
        assert!(is_active(state, person).await.unwrap());
        assert!(set_status(state, person, Status::Disabled).await.unwrap());
        assert!(!is_active(state, person).await.unwrap());
        assert_eq!(find(state, UIN).await.unwrap(), None);
        assert_eq!(find_any(state, UIN).await.unwrap(), Some((person, Status::Disabled)));
        assert!(set_status(state, person, Status::Active).await.unwrap());
        assert_eq!(find(state, UIN).await.unwrap(), Some(person));
        assert!(!is_active(state, PersonId(1)).await.unwrap());
        assert!(!set_status(state, PersonId(1), Status::Disabled).await.unwrap());
        assert!(claims(state, PersonId(1), &names(&["name", "picture"]), &[]).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn on_both_gs_sec_05a_nothing_of_a_person_lies_in_clear() {
    for kit in Kit::both().await {
        let person = add(&kit.state, amina()).await.unwrap();
        type Dump = (Vec<u8>, Vec<u8>, Vec<u8>);
        let rows = kit.state.store.read(move |tx| {
            Box::pin(async move {
                crate::fetch_all!(
                    tx,
                    Dump,
                    "SELECT i.lookup, i.sealed, p.biographics FROM person p JOIN person_identifier i ON i.person = p.id
                     WHERE p.id = $1",
                    person.0
                )
            })
        });
        let rows: Vec<Dump> = rows.await.unwrap();
        assert_eq!(rows.len(), 3);
        let holds = |bytes: &[u8], marker: &str| bytes.windows(marker.len()).any(|part| part == marker.as_bytes());
        for marker in [UIN, "Marker", "Marqueur", "1990", "amina", "+2217"] {
            for (lookup, identifier, biographics) in &rows {
                assert!(
                    !holds(lookup, marker) && !holds(identifier, marker) && !holds(biographics, marker),
                    "{marker}"
                );
            }
        }
        // GS-SEC-05c: the key of one kind opens nothing of another; and a value opens in its own row only.
        let (_, identifier, biographics) = &rows[0];
        assert!(sealed::open_identifier(&kit.state, person, identifier).is_ok());
        assert!(sealed::open_identifier(&kit.state, PersonId(person.0 + 1), identifier).is_err());
        assert!(sealed::open_identifier(&kit.state, person, biographics).is_err());
        assert!(sealed::open_photo(&kit.state, person, biographics).is_err());
    }
}

#[tokio::test]
async fn gs_vap_09_a_subject_is_the_relying_partys_own_and_tells_nothing() {
    let kit = Kit::new().await;
    let person = add(&kit.state, amina()).await.unwrap();
    let one = subject(&kit.state, person, "rp-one");
    assert_eq!(one, subject(&kit.state, person, "rp-one"));
    assert_ne!(one, subject(&kit.state, person, "rp-two"));
    assert_ne!(one, subject(&kit.state, PersonId(person.0 + 1), "rp-one"));
    assert!(one.len() == 43 && !one.contains(UIN));
}

#[tokio::test]
async fn what_is_malformed_is_refused_by_member_and_told_without_its_content() {
    let kit = Kit::new().await;
    let with = |name: &str, value: Value| {
        let mut person = amina();
        person.attributes.insert(name.into(), value);
        person
    };
    let mut people = vec![
        with("name", json!(5)),
        with("name", json!(" ")),
        with("name#", json!("secret")),
        with("name#english language", json!("secret")),
        with("shoe_size", json!("secret")),
        with("picture", json!("secret")),
        with("individual_id", json!("secret")),
        with("birthdate", json!("1990-02-30")),
        with("birthdate", json!("secret")),
        with("email", json!("secret")),
        with("email", json!("secret@example.org\r\nBcc: all@example.org")),
        with("email_verified", json!("true")),
        with("address", json!("secret")),
        with("address", json!({ "planet": "secret" })),
        with("address", json!({ "locality": "secret\nline" })),
        with("address", json!({ "formatted": "secret\u{7}" })),
        with("address", json!({ "formatted": "\r\n" })),
        with("website", json!("javascript:secret")),
        with("profile", json!("secret")),
        with("name", json!("s".repeat(5000))),
        NewPerson { identifiers: Vec::new(), ..amina() },
        NewPerson { photo: Some(Photo { media_type: "image/svg+xml".into(), bytes: Vec::new().into() }), ..amina() },
        NewPerson { photo: Some(Photo { media_type: "image/jpeg".into(), bytes: PNG.to_vec().into() }), ..amina() },
    ];
    for id in ["", "a b", "secret\n", &"s".repeat(129)] {
        let identifiers = vec![Identifier { kind: IdentifierKind::Uin, value: id.into() }];
        people.push(NewPerson { identifiers, ..amina() });
    }
    for person in people {
        let told = format!("{:?}", add(&kit.state, person).await.unwrap_err());
        assert!(told.starts_with("Invalid") && !told.contains("secret"), "{told}");
    }
    assert_eq!(format!("{:?}", amina()), "a person with [uin, vid, handle]");
}

/// The kit's clock stands at 2026-01-05: whoever is born later than tomorrow is neither added nor made so by a change.
#[tokio::test]
async fn on_both_nobody_is_born_in_the_future() {
    for kit in Kit::both().await {
        let born = |date: &str| {
            let mut person = amina();
            person.attributes.insert("birthdate".into(), json!(date));
            person
        };
        let told = add(&kit.state, born("2026-01-07")).await.unwrap_err().to_string();
        assert!(told.starts_with("attributes.birthdate: ") && !told.contains("2026"), "{told}");
        assert_eq!(find(&kit.state, UIN).await.unwrap(), None);
        let person = add(&kit.state, born("2026-01-06")).await.unwrap();
        let set = |name: &str, value: &str| Change {
            set: serde_json::Map::from_iter([(name.to_owned(), json!(value))]),
            ..Change::default()
        };
        let told = change(&kit.state, person, set("birthdate", "2027")).await.unwrap_err().to_string();
        assert!(told.starts_with("attributes.birthdate: "), "{told}");
        let changed = change(&kit.state, person, set("birthdate", "1990-02-28")).await.unwrap();
        assert!(changed.contains(&"birthdate".to_owned()), "{changed:?}");
    }
    let kit = Kit::new().await;
    let refused = command(&kit, &["add", "--uin", UIN, "--set", "birthdate=2090-01-01"]).await.unwrap_err();
    assert!(refused.contains("attributes.birthdate"), "{refused}");
}

/// OpenID Connect Core §5.1.1: an address may be told as it stands on a letter, beside its parts; §5.1: a person has pages.
#[tokio::test]
async fn an_address_may_have_lines_and_a_person_pages() {
    let kit = Kit::new().await;
    let mut person = amina();
    let address = json!({
        "formatted": "12 Rue du Port\r\n10200 Dakar\nSénégal", "street_address": "12 Rue du Port\nÉtage 2",
        "locality": "Dakar", "postal_code": "10200", "country": "SN"
    });
    let pages = [("profile", "https://people.example.org/amina"), ("website", "http://amina.example.org/")];
    person.attributes.insert("address".into(), address.clone());
    for (name, page) in pages {
        person.attributes.insert(name.into(), page.into());
    }
    let person = add(&kit.state, person).await.unwrap();
    let told = claims(&kit.state, person, &names(&["address", "profile", "website"]), &[]).await.unwrap();
    assert_eq!(told["address"], address);
    for (name, page) in pages {
        assert_eq!(told[name], page);
    }
}

#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    command: PersonCommand,
}

async fn command(kit: &Kit, arguments: &[&str]) -> Result<(String, Vec<String>), String> {
    let words = std::iter::once("person").chain(arguments.iter().copied());
    let command = Arguments::try_parse_from(words).map_err(|error| error.to_string())?.command;
    let (mut out, pins) = (Vec::new(), std::sync::Mutex::new(Vec::new()));
    let set_pin = async |_, pin: Zeroizing<String>| {
        pins.lock().unwrap().push((*pin).clone());
        if pin.len() == 6 { Ok(()) } else { Err("six digits".to_owned()) }
    };
    let unlock = async |person: PersonId| Ok(person.0 != 0);
    cli::run(&kit.state, command, set_pin, unlock, &mut out).await.map_err(|error| error.to_string())?;
    Ok((String::from_utf8(out).unwrap(), pins.into_inner().unwrap()))
}

#[tokio::test]
async fn commands_add_import_list_and_disable() {
    let kit = Kit::new().await;
    let (told, _) = command(
        &kit,
        &["add", "--uin", UIN, "--set", "name#en=Amina M", "--set", "email_verified=true", "--set", "address=Dakar"],
    )
    .await
    .unwrap();
    assert!(told.starts_with("added ") && !told.contains(UIN) && !told.contains("Amina"));
    let person = find(&kit.state, UIN).await.unwrap().unwrap();
    let told = claims(&kit.state, person, &names(&["name", "email_verified", "address"]), &[]).await.unwrap();
    let expected = json!({ "name": "Amina M", "email_verified": true, "address": { "formatted": "Dakar" } });
    assert_eq!(Value::from(told), expected);
    assert!(command(&kit, &["add", "--uin", UIN]).await.unwrap_err().contains("person 1"));

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("persons.json");
    let import = |text: String| {
        std::fs::write(&file, text).unwrap();
        file.to_str().unwrap().to_owned()
    };
    let entry = |id: &str, pin: &str| json!({ "identifiers": [{ "kind": "uin", "value": id }], "pin": pin });
    let path = import(json!([entry("1000000001", "314159"), entry("1000000002", "271828")]).to_string());
    let (told, pins) = command(&kit, &["import", &path]).await.unwrap();
    assert_eq!((told.as_str(), pins), ("added 2 persons\n", names(&["314159", "271828"])));
    let path = import(json!([entry("1000000003", "314159"), entry(UIN, "314159")]).to_string());
    assert!(command(&kit, &["import", &path]).await.unwrap_err().contains("person 2"));
    assert_eq!(find(&kit.state, "1000000003").await.unwrap(), None);
    let path = import(entry("1000000004", "1").to_string());
    assert!(command(&kit, &["import", &path]).await.unwrap_err().contains("PIN of person 1"));

    let (listed, _) = command(&kit, &["list"]).await.unwrap();
    assert_eq!(listed.lines().count(), 4);
    assert!(!listed.contains(UIN));
    let opaque = listed.split('\t').next().unwrap();
    command(&kit, &["disable", opaque]).await.unwrap();
    assert_eq!(find(&kit.state, UIN).await.unwrap(), None);
    command(&kit, &["enable", UIN]).await.unwrap();
    assert_eq!(find(&kit.state, UIN).await.unwrap(), Some(person));
    assert!(command(&kit, &["disable", "nobody"]).await.is_err());
    let (told, _) = command(&kit, &["unlock", UIN]).await.unwrap();
    assert_eq!(told, format!("{opaque} is unlocked\n"));
    for nobody in ["nobody", "-nobody", "--nobody"] {
        assert_eq!(command(&kit, &["unlock", nobody]).await.unwrap_err(), CliError::Unknown.to_string());
    }
}

/// BID-VFC-01: what was verified is told under the framework that the operator names, and only where it was agreed to.
#[tokio::test]
async fn on_both_verified_claims_are_told_as_they_were_verified() {
    let assurance = crate::config::Assurance { trust_frameworks: vec!["national".into()], ..Default::default() };
    let config = crate::config::Config { assurance, ..Default::default() };
    for kit in Kit::both_with(&config).await {
        let state = &kit.state;
        let person = add(state, amina()).await.unwrap();
        let request = json!({
            "verification": { "trust_framework": null, "time": null },
            "claims": { "name": null, "birthdate": null, "email": null }
        });
        let agreed = names(&["name", "birthdate", "email"]);
        let locales = names(&["fr"]);
        let told = verified_claims(state, person, &request, &agreed, &locales).await.unwrap();
        let expected = json!({
            "verification": { "trust_framework": "national", "time": "2025-12-01T10:00:00Z" },
            "claims": { "name": "Amina Marqueur", "birthdate": "1990-02-28" }
        });
        assert_eq!(told, Some(expected));
        let less = verified_claims(state, person, &request, &names(&["birthdate"]), &locales).await.unwrap().unwrap();
        assert_eq!(less["claims"], json!({ "birthdate": "1990-02-28" }));
        assert_eq!(verified_claims(state, person, &request, &[], &locales).await.unwrap(), None);
        let other = NewPerson {
            identifiers: vec![Identifier { kind: IdentifierKind::Vid, value: "1".into() }],
            verifications: Vec::new(),
            ..amina()
        };
        let other = add(state, other).await.unwrap();
        assert_eq!(verified_claims(state, other, &request, &agreed, &locales).await.unwrap(), None);
    }
    for kit in Kit::both().await {
        let person = add(&kit.state, amina()).await.unwrap();
        let request = json!({ "verification": { "trust_framework": null }, "claims": { "name": null } });
        let told = verified_claims(&kit.state, person, &request, &names(&["name"]), &[]).await.unwrap();
        assert_eq!(told, None, "the operator names no framework");
    }
}

/// GS-IDF-01: a UIN that came with somebody who was erased is never given out, to nobody.
#[tokio::test]
async fn on_both_gs_idf_01_the_uin_of_one_who_was_erased_is_kept_from_others() {
    for kit in Kit::both().await {
        let person = add(&kit.state, amina()).await.unwrap();
        let state = kit.state.clone();
        let erased: Result<(), Fault> =
            kit.state.store.write(move |tx| Box::pin(async move { erase(&state, tx, person).await })).await;
        erased.unwrap();
        assert_eq!(find_any(&kit.state, UIN).await.unwrap(), None);
        let kept = carry_numbers(&kit.state, 0, 10).await.unwrap();
        assert_eq!(kept.iter().map(|one| one.uin.as_str()).collect::<Vec<_>>(), [UIN], "and no other identifier");
        let state = kit.state.clone();
        let again: Result<(), Fault> =
            kit.state.store.write(move |tx| Box::pin(async move { erase(&state, tx, person).await })).await;
        again.unwrap();
        assert_eq!(carry_numbers(&kit.state, 0, 10).await.unwrap().len(), 1);
    }
}

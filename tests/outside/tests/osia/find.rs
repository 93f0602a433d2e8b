//! Finding enrollments: all six operators over every kind of value, pages, and who finds what.

use outside::server::{Database, Server};
use outside::service::Service;
use serde_json::{Value, json};

use crate::{enrollment, new_id, office};

const FIND: &str = "/v1/enrollments?transactionId=t-find";

fn expression(name: &str, operator: &str, value: impl Into<Value>) -> Value {
    json!({ "attributeName": name, "operator": operator, "value": value.into() })
}

async fn found(office: &Service, expressions: &[Value]) -> Vec<String> {
    let all = office.post(FIND, &json!(expressions)).await.json();
    let mut names: Vec<String> = ids(&all);
    names.sort();
    names
}

fn ids(found: &Value) -> Vec<String> {
    let all = found.as_array().unwrap_or_else(|| panic!("no array: {found}"));
    all.iter().map(|one| one["enrollmentId"].as_str().unwrap().to_owned()).collect()
}

/// Four people: `a` to `d`.
async fn people(office: &Service) {
    for (id, first, birth, priority, score, urgent, documents) in [
        ("a", "John", "1985-11-30", 1, 0.5, true, "ID_CARD"),
        ("b", "John", "1992-02-29", 2, 1.5, false, "PASSPORT"),
        ("c", "Øyvind", "1990-12-31", 3, 2.5, true, "ID_CARD"),
        ("d", "johN", "1966-01-01", 10, -3.25, false, "FORM"),
    ] {
        let record = json!({
            "biographicData": { "firstName": first, "dateOfBirth": birth },
            "requestData": { "priority": priority, "score": score },
            "enrollmentFlags": { "urgent": urgent },
            "contextualData": { "office": format!("office-{id}") },
            "documentData": [{ "documentType": documents, "parts": [{ "data": "AA==" }] }]
        });
        office.post(&enrollment(id), &record).await.is(204);
    }
}

/// OSIA-ENR-07a, 07c, OSIA-EXP-01 to 04, GS-ENR-04.
#[tokio::test(flavor = "multi_thread")]
async fn enrollments_are_found_by_every_operator_and_kind_of_value() {
    for database in Database::all() {
        let server = Server::start(database, "").await;
        let office = office(&server).await;
        people(&office).await;
        let cases: Vec<(&str, &str, Value, &str)> = vec![
            // Text: as it is written, dates too.
            ("firstName", "=", json!("John"), "ab"),
            ("firstName", "!=", json!("John"), "cd"),
            ("firstName", "=", json!("Øyvind"), "c"),
            ("firstName", "=", json!("Nobody"), ""),
            ("dateOfBirth", "<", json!("1990-12-31"), "ad"),
            ("dateOfBirth", "<=", json!("1990-12-31"), "acd"),
            ("dateOfBirth", ">", json!("1990-12-31"), "b"),
            ("dateOfBirth", ">=", json!("1990-12-31"), "bc"),
            ("dateOfBirth", "=", json!("1992-02-29"), "b"),
            ("dateOfBirth", "!=", json!("1992-02-29"), "acd"),
            // Integers: as numbers, so that 10 is more than 2.
            ("priority", "=", json!(2), "b"),
            ("priority", "!=", json!(2), "acd"),
            ("priority", "<", json!(3), "ab"),
            ("priority", "<=", json!(3), "abc"),
            ("priority", ">", json!(2), "cd"),
            ("priority", ">=", json!(10), "d"),
            // Numbers.
            ("score", "=", json!(1.5), "b"),
            ("score", "!=", json!(1.5), "acd"),
            ("score", "<", json!(0.5), "d"),
            ("score", "<=", json!(0.5), "ad"),
            ("score", ">", json!(0.5), "bc"),
            ("score", ">=", json!(2.5), "c"),
            // Booleans.
            ("urgent", "=", json!(true), "ac"),
            ("urgent", "!=", json!(true), "bd"),
            ("urgent", "=", json!(false), "bd"),
            // Documents and context.
            ("documentType", "=", json!("ID_CARD"), "ac"),
            ("office", "=", json!("office-b"), "b"),
        ];
        for (name, operator, value, expected) in cases {
            let told = format!("OSIA-ENR-07c: {name} {operator} {value}");
            let expected: Vec<String> = expected.chars().map(String::from).collect();
            assert_eq!(found(&office, &[expression(name, operator, value)]).await, expected, "{told}");
        }
        // OSIA-ENR-07a: the example of the document; all of the expressions must hold.
        let both = [expression("firstName", "=", "John"), expression("dateOfBirth", "<", "1990-12-31")];
        assert_eq!(found(&office, &both).await, ["a"]);
        let first = office.post(FIND, &json!(both)).await.json()[0].clone();
        assert_eq!(first, office.get(&enrollment("a")).await.json(), "OSIA-ENR-07a: each is a whole enrollment");
        // No expression leaves nobody out.
        assert_eq!(found(&office, &[]).await.len(), 4);
        assert_eq!(ids(&office.send("POST", FIND, None).await.json()).len(), 4);
        bad_expressions(&office).await;
    }
}

async fn bad_expressions(office: &Service) {
    let good = expression("firstName", "=", "John");
    for member in ["attributeName", "operator", "value"] {
        let mut without = good.clone();
        without.as_object_mut().unwrap().remove(member);
        office.post(FIND, &json!([without])).await.refused(400);
    }
    for operator in ["~", "==", "", "LIKE", "<>"] {
        office.post(FIND, &json!([expression("firstName", operator, "John")])).await.refused(400);
    }
    for value in [json!({}), json!(null), json!(["John"])] {
        office.post(FIND, &json!([expression("firstName", "=", value)])).await.refused(400);
    }
    let mut more = good.clone();
    more["more"] = 1.into();
    for body in [good.clone(), json!([more]), json!("a"), json!([["a"]]), json!(1)] {
        office.post(FIND, &body).await.refused(400);
    }
}

/// OSIA-ENR-07b.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_found_comes_in_pages() {
    for database in Database::all() {
        let server = Server::start(database, "").await;
        let office = office(&server).await;
        for number in 0..120 {
            let record = json!({ "biographicData": { "firstName": "Many", "number": number } });
            office.post(&enrollment(&new_id()), &record).await.is(204);
        }
        let many = json!([expression("firstName", "=", "Many")]);
        let page = async |more: &str| ids(&office.post(&format!("{FIND}{more}"), &many).await.json());
        let first = page("").await;
        assert_eq!(first.len(), 100);
        let rest = page("&offset=100").await;
        assert_eq!(rest.len(), 20);
        let mut all: Vec<String> = [first.clone(), rest].concat();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), 120, "pages do not overlap");
        assert_eq!(page("&limit=5&offset=5").await, first[5..10], "the order stays");
        assert_eq!(page("&offset=120").await.len(), 0);
        assert_eq!(page("&limit=0").await.len(), 0);
        for bad in ["&limit=-1", "&offset=-1", "&limit=x", "&offset=1.5", "&limit=", "&limit=99999999999999999999"] {
            office.post(&format!("{FIND}{bad}"), &many).await.refused(400);
        }
    }
}

/// GS-SEC-05b: what one service enrolled is nobody else's to find, read, change or delete.
#[tokio::test(flavor = "multi_thread")]
async fn enrollments_of_others_are_not_there() {
    for database in Database::all() {
        let server = Server::start(database, "").await;
        let (mine, other) = (office(&server).await, office(&server).await);
        people(&mine).await;
        assert_eq!(found(&other, &[]).await, Vec::<String>::new());
        let buffer = mine.upload(&crate::buffers("a"), "image/png", b"mine").await.is(201).parsed();
        let buffer = buffer["bufferId"].as_str().unwrap().to_owned();
        let record = json!({ "biographicData": {} });
        for (method, path, body) in [
            ("GET", enrollment("a"), None),
            ("PUT", enrollment("a"), Some(&record)),
            ("PATCH", enrollment("a"), Some(&record)),
            ("PUT", crate::finalize("a"), None),
            ("DELETE", enrollment("a"), None),
            ("GET", format!("/v1/enrollments/a/buffer/{buffer}?transactionId=t"), None),
        ] {
            let status = other.send(method, &path, body).await.status;
            assert!([403, 404].contains(&status), "{method} {path}: {status}");
        }
        assert_eq!(mine.get(&enrollment("a")).await.json()["status"], "IN_PROGRESS");
        assert_eq!(mine.get(&enrollment("a")).await.json()["biographicData"]["firstName"], "John");
    }
}

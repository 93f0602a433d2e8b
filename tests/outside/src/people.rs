//! The people of the tests, and how a server comes to know them.

use std::path::Path;

use serde_json::{Value, json};

use crate::program::run;

/// The PIN of every person.
pub const PIN: &str = "314159";

/// A person of the tests: identifier and mail address.
pub struct Person {
    /// UIN.
    pub id: &'static str,
    /// Full name.
    pub name: &'static str,
    /// Where one-time passwords go.
    pub email: &'static str,
}

/// The first person.
pub const AMARA: Person = Person { id: "7000000001", name: "Amara Diallo-Marker", email: "amara@people.test" };
/// The second person.
pub const JONAS: Person = Person { id: "7000000002", name: "Jonas Lindqvist-Marker", email: "jonas@people.test" };

/// Imports the two.
pub(crate) fn import_people(folder: &Path, config: &Path) {
    let people = [AMARA, JONAS].map(|person| {
        let mut record = record(person.id, person.name, person.email);
        record["pin"] = PIN.into();
        record
    });
    import(&folder.join("people.json"), config, people.to_vec());
}

/// A person to import, who has no PIN.
pub(crate) fn record(id: &str, name: &str, email: &str) -> Value {
    json!({
        "identifiers": [{ "kind": "uin", "value": id }],
        "attributes": { "name": name, "email": email, "phone_number": "+15550100000" },
    })
}

/// Imports people by way of a file.
pub(crate) fn import(file: &Path, config: &Path, people: Vec<Value>) {
    std::fs::write(file, Value::from(people).to_string()).unwrap();
    run(config, &["person", "import", file.to_str().unwrap()]);
}

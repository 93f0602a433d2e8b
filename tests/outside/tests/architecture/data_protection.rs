//! `docs/data-protection.md` says of every table of the schema what of people lies in it (GS-PRI).

use std::collections::BTreeSet;

/// Names of the tables that a migration makes.
fn tables_of(migration: &str) -> impl Iterator<Item = String> + '_ {
    migration.lines().filter_map(|line| {
        let rest = line.strip_prefix("CREATE TABLE ")?;
        let rest = rest.strip_prefix("IF NOT EXISTS ").unwrap_or(rest);
        Some(rest.split([' ', '(']).next()?.to_owned())
    })
}

#[test]
fn gs_pri_every_table_stands_on_the_page_about_data_protection() {
    let root = super::repository();
    let mut tables = BTreeSet::new();
    for entry in std::fs::read_dir(root.join("server/migrations")).expect("the migrations") {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|extension| extension == "sql") {
            tables.extend(tables_of(&std::fs::read_to_string(path).expect("a migration")));
        }
    }
    assert!(tables.contains("person") && tables.contains("consent_receipt"), "{tables:?}");
    let page = std::fs::read_to_string(root.join("docs/data-protection.md")).expect("docs/data-protection.md");
    let missing: Vec<&String> = tables.iter().filter(|table| !page.contains(&format!("`{table}`"))).collect();
    assert!(missing.is_empty(), "docs/data-protection.md says nothing of {missing:?}");
}

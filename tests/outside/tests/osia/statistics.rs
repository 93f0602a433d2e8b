//! Statistics for planners (GS-SEC-05d): figures of days that are over, and nobody among them.

use std::time::Duration;

use outside::now;
use outside::server::{Database, Launch, Server};
use outside::service::Service;
use serde_json::{Value, json};

/// The day before today, by UTC: as days since 1970 in milliseconds, and as a date.
fn yesterday() -> (i64, String) {
    let day = now().div_euclid(86_400) - 1;
    let date = time::OffsetDateTime::from_unix_timestamp(day * 86_400).unwrap().date();
    (day * 86_400_000, date.to_string())
}

/// Persons who came yesterday, as a file of another instance has them: twelve in the north, three in the south.
fn people(at: i64) -> Vec<Value> {
    (0..15i64)
        .map(|number| {
            let region = if number < 12 { "North" } else { "South" };
            json!({
                "record": "person", "id": 1000 + number, "status": "active", "created_at": at + number,
                "updated_at": at + number,
                "identifiers": [{ "kind": "uin", "value": format!("70000001{number:02}") }],
                "attributes": { "name": format!("Counted Marker {number}"), "address": { "region": region } }
            })
        })
        .collect()
}

async fn figures(planner: &Service, date: &str) -> Value {
    planner.get(&format!("/statistics/days?from={date}&to={date}")).await.json()
}

/// GS-SEC-05d.
#[tokio::test(flavor = "multi_thread")]
async fn planners_are_told_figures_and_nobody() {
    for database in Database::all() {
        let mut server = Server::start(database, "statistics.least_group = 10").await;
        server.kill();
        server.elsewhere(database).await;
        let (at, date) = yesterday();
        let mut lines = vec![json!({ "record": "head", "format": "tessera-export", "version": 1, "made_at": at })];
        lines.extend(people(at));
        lines.push(json!({ "record": "end", "counts": { "person": 15 } }));
        let file = server.path("people.jsonl");
        std::fs::write(&file, lines.iter().map(|line| format!("{line}\n")).collect::<String>()).unwrap();
        server.command(&["restore", file.to_str().unwrap()]);
        server.start_again(&Launch::default()).await;
        let planner = Service::register(&server, &["statistics.read"]).await;
        let mut told = figures(&planner, &date).await;
        // Counted in the background, after the start.
        for _ in 0..600 {
            if told["groups"].as_array().is_some_and(|groups| !groups.is_empty()) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
            told = figures(&planner, &date).await;
        }
        let north = json!({ "day": date, "kind": "enrollments", "region": "North", "count": 12 });
        assert_eq!(told, json!({ "leastGroup": 10, "groups": [north] }), "three are too few to be told");
        let text = told.to_string();
        assert!(!text.contains("Marker") && !text.contains("700000"), "no direct identifier: {text}");
        // A day that is not over is not told.
        let today = figures(&planner, &yesterday_after(&date)).await;
        assert_eq!(today["groups"], json!([]));
        let nosy = Service::register(&server, &["pr.person.read"]).await;
        nosy.get(&format!("/statistics/days?from={date}&to={date}")).await.refused(403);
        for bad in
            ["", "?from=2026-02-30&to=2026-03-01", "?from=2026-03-02&to=2026-03-01", "?from=2020-01-01&to=2026-01-01"]
        {
            planner.get(&format!("/statistics/days{bad}")).await.refused(400);
        }
    }
}

/// The day after a date.
fn yesterday_after(date: &str) -> String {
    let form = time::macros::format_description!("[year]-[month]-[day]");
    time::Date::parse(date, form).unwrap().next_day().unwrap().to_string()
}

//! `GET /statistics/days`, for clients with the scope `statistics.read`.

use axum::extract::State;
use axum::{Extension, Json};
use schemars::JsonSchema;
use serde::Serialize;
use time::macros::format_description;
use time::{Date, Duration};

use super::store::Group;
use super::{context, day_of, store};
use crate::access::Caller;
use crate::audit::{Actor, Event, EventKind};
use crate::osia::{Parameters, Refusal};
use crate::secrets::Purpose;
use crate::state::AppState;

/// Days of one answer at most.
const MOST_DAYS: i64 = 366;

/// Which days.
#[derive(JsonSchema)]
pub struct DaysQuery {
    /// The first one, `yyyy-MM-dd`.
    pub from: String,
    /// The last one, `yyyy-MM-dd`; a year after the first at most.
    pub to: String,
}

/// What is told of some days.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Days {
    /// Groups of fewer persons are left out.
    least_group: u32,
    /// By day, what was counted, and region.
    groups: Vec<Counted>,
}

/// One group.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Counted {
    /// The day, by UTC.
    day: String,
    /// `enrollments` (persons added) or `logins`.
    kind: String,
    /// Where the persons live; absent where it is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<String>,
    /// How many enrollments or logins.
    count: i64,
}

fn epoch() -> Date {
    time::OffsetDateTime::UNIX_EPOCH.date()
}

/// Days since 1970.
fn day(parameters: &Parameters, name: &str) -> Result<i64, Refusal> {
    let text = parameters.needed(name)?;
    let date = Date::parse(text, format_description!("[year]-[month]-[day]"))
        .map_err(|_| Refusal::bad(format!("{name} must be a date, yyyy-MM-dd")))?;
    Ok((date - epoch()).whole_days())
}

fn written(day: i64) -> String {
    epoch().checked_add(Duration::days(day)).map(|date| date.to_string()).unwrap_or_default()
}

/// Tells what was counted on days that are over.
///
/// # Errors
/// [`Refusal::Bad`] for anything but two days, the second not before the first nor more than a year after it.
pub async fn days(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    parameters: Parameters,
) -> Result<Json<Days>, Refusal> {
    let (from, to) = (day(&parameters, "from")?, day(&parameters, "to")?);
    if !(0..MOST_DAYS).contains(&(to - from)) {
        return Err(Refusal::bad("to must be from 0 to 365 days after from"));
    }
    let least_group = state.config.statistics.least_group;
    // A day that is not over is not told, whatever is counted.
    let to = to.min(day_of(state.clock.now()) - 1);
    let inner = state.clone();
    let groups = state
        .store
        .write(move |tx| {
            Box::pin(async move {
                let actor = Actor::client(caller.mount, &caller.client_id);
                let event = Event::new(EventKind::StatisticsRead, caller.mount).client(&caller.client_id);
                inner.audit.record(tx, event.by(&actor)).await?;
                let mut told = Vec::new();
                for Group { day, kind, region, events, .. } in store::groups(tx, from, to, least_group.into()).await? {
                    let name = match store::region_name(tx, &region).await? {
                        Some(sealed) => {
                            let clear = inner.secrets.open(Purpose::Biographics, &context(&region), &sealed)?;
                            String::from_utf8(clear.to_vec()).ok().filter(|name| !name.is_empty())
                        }
                        None => None,
                    };
                    told.push(Counted { day: written(day), kind, region: name, count: events });
                }
                told.sort_by(|one, other| {
                    (&one.day, &one.kind, &one.region).cmp(&(&other.day, &other.kind, &other.region))
                });
                Ok::<_, Refusal>(told)
            })
        })
        .await?;
    Ok(Json(Days { least_group, groups }))
}

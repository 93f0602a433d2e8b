//! Statistics for planners, under `/statistics`.

use crate::http::openapi::{Routes, doc};
use crate::statistics::routes;

/// Every operation.
pub(super) fn statistics() -> Routes {
    Routes::new().get(
        "/days",
        routes::days,
        doc("Enrollments and logins by region and day, of groups large enough to say nothing about anyone")
            .scopes(&["statistics.read"])
            .osia()
            .status(400, "the days are malformed or too many")
            .takes_query::<routes::DaysQuery>()
            .gives_json::<routes::Days>(),
    )
}

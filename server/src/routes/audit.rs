//! What auditors read.

use crate::audit::routes as audit;
use crate::http::openapi::{Routes, doc};

/// The audit trail, under `/audit`: of all issuers, for machine clients of any of them.
pub(super) fn audit() -> Routes {
    Routes::new()
        .get(
            "/events",
            audit::events,
            doc("What happened, oldest first")
                .scopes(&["audit_read"])
                .takes_query::<audit::EventsQuery>()
                .gives_envelope::<audit::EventsPage>(),
        )
        .post(
            "/events/search",
            audit::search,
            doc("What happened about one person")
                .scopes(&["audit_read"])
                .envelope::<audit::PersonEventsRequest, audit::EventsPage>(),
        )
        .get(
            "/cases",
            audit::cases,
            doc("Logins that citizens found suspicious, oldest first")
                .scopes(&["audit_case"])
                .takes_query::<audit::CasesQuery>()
                .gives_envelope::<audit::CasesPage>(),
        )
        .post(
            "/cases/{case_id}/close",
            audit::close,
            doc("Close a case")
                .scopes(&["audit_case"])
                .status(404, "there is no such case")
                .envelope::<audit::CloseRequest, audit::Closed>(),
        )
}

//! OSIA Third Party Services 1.2.0: what relying parties ask about persons by calls of their own.

use crate::http::openapi::{Doc, Routes, doc};
use crate::verification::{identify, model, read, verify};

const UNKNOWN: &str = "there is no such person";
const MEDIA_TYPE: &str = "the body is not application/json";

fn asks(doc: Doc) -> Doc {
    doc.osia().status(404, UNKNOWN)
}

/// Where they stand: `/v1`.
pub(super) fn verification() -> Routes {
    Routes::new()
        .post(
            "/verify/{identifier}",
            verify::post,
            asks(doc("Whether attributes are right of a person, all of them"))
                .scopes(&["id.verify"])
                .status(415, MEDIA_TYPE)
                .takes_query::<model::VerifyQuery>()
                .takes_json::<model::AttributeSet>()
                .gives_json::<model::VerifyResult>(),
        )
        .get(
            "/attributes/{attribute_set_name}/{identifier}",
            read::named,
            asks(doc("A named set of a person's attributes"))
                .named_scope("id.ATTRIBUTESETNAME.read")
                .takes_query::<model::ReadQuery>()
                .gives_json::<model::ToldAttributes>(),
        )
        .post(
            "/attributes/{identifier}",
            read::free,
            asks(doc("Attributes of a person, by name"))
                .scopes(&["id.read"])
                .status(415, MEDIA_TYPE)
                .takes_query::<model::ReadQuery>()
                .takes_json::<model::OutputAttributeSet>()
                .gives_json::<model::ToldAttributes>(),
        )
        .post(
            "/identify",
            identify::post,
            doc("Who of a watch list somebody may be")
                .osia()
                .scopes(&["id.identify"])
                .status(415, MEDIA_TYPE)
                .takes_query::<identify::IdentifyQuery>()
                .takes_json::<identify::IdentifyRequest>()
                .gives_json::<Vec<model::ToldAttributes>>()
                .or_gives_json::<identify::TaskId>(202, "the list is long: ask again with the task's id"),
        )
        .get(
            "/identify/{task_id}",
            identify::result,
            doc("What a search of a watch list found")
                .osia()
                .scopes(&["id.identify"])
                .status(404, "the caller has no such task")
                .takes_query::<identify::IdentifyQuery>()
                .gives_json::<Vec<model::ToldAttributes>>()
                .or_gives_nothing(204, "not done yet"),
        )
}

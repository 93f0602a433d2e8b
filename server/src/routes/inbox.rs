//! Questions of relying parties to persons: their own side of it. The wallets' is in `wallet.rs`.

use crate::http::openapi::{Doc, Routes, doc};
use crate::inbox::requests;

const NOT_OWN: &str = "the caller has asked no such question";

fn asks(doc: Doc) -> Doc {
    doc.osia().scopes(&["id.consent.request"])
}

/// Where they stand: `/inbox`.
pub(super) fn inbox() -> Routes {
    Routes::new()
        .post(
            "/requests",
            requests::post,
            asks(doc("Asks a person for consent; the person's wallets pull the question"))
                .status(404, "there is no such person")
                .status(409, "a question to this person is open")
                .status(415, "the body is not application/json")
                .takes_json::<requests::AskRequest>()
                .gives_made::<requests::Asking>(),
        )
        .get(
            "/requests/{request_id}",
            requests::get,
            asks(doc("How a question stands")).status(404, NOT_OWN).gives_json::<requests::AskedQuestion>(),
        )
        .delete(
            "/requests/{request_id}",
            requests::delete,
            asks(doc("Takes a question back"))
                .status(404, NOT_OWN)
                .status(409, "the question has ended")
                .gives_nothing(),
        )
}

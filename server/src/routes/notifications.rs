//! OSIA's notification interface (1.2.0), and the dead letters of its subscribers.

use crate::http::openapi::{Doc, Routes, doc};
use crate::notifications::routes as calls;
use crate::notifications::{DeadLetter, Subscription, Topic};

/// OSIA's paths, under `/v1`.
pub(super) fn osia() -> Routes {
    let call = |summary, scopes| doc(summary).osia().scopes(scopes);
    Routes::new()
        .post(
            "/topics",
            calls::create_topic,
            call("Create a topic", &["notif.topic.write"]).takes_query::<calls::TopicQuery>().gives_json::<Topic>(),
        )
        .get("/topics", calls::list_topics, call("All topics", &["notif.topic.read"]).gives_json::<Vec<Topic>>())
        .delete(
            "/topics/{uuid}",
            calls::delete_topic,
            call("Delete a topic that the caller's relying party made", &["notif.topic.write"])
                .gives_nothing()
                .status(404, "there is no such topic"),
        )
        .post(
            "/topics/{uuid}/publish",
            calls::publish,
            call("Publish a message to a topic", &["notif.topic.publish"])
                .takes_query::<calls::PublishQuery>()
                .takes_bytes(&["plain/text", "text/plain", "application/json"])
                .or_gives_nothing(200, "done")
                .status(415, "the body is no text"),
        )
        .post(
            "/subscriptions",
            calls::subscribe,
            call("Subscribe to a topic", &["notif.sub.write"])
                .takes_query::<calls::SubscribeQuery>()
                .gives_json::<Subscription>(),
        )
        .get(
            "/subscriptions",
            calls::list_subscriptions,
            call("The caller's subscriptions", &["notif.sub.read"]).gives_json::<Vec<Subscription>>(),
        )
        .delete(
            "/subscriptions/{uuid}",
            calls::unsubscribe,
            call("Unsubscribe", &["notif.sub.write"]).gives_nothing().status(404, "there is no such subscription"),
        )
        .get(
            "/subscriptions/confirm",
            calls::confirm,
            call("Confirm a subscription", &["notif.sub.write"])
                .takes_query::<calls::ConfirmQuery>()
                .or_gives_nothing(200, "done"),
        )
}

/// Dead letters, under `/notifications`.
pub(super) fn dead_letters() -> Routes {
    let call = |summary, scopes| doc(summary).osia().scopes(scopes);
    let one = |doc: Doc| doc.status(404, "there is no such dead letter");
    Routes::new()
        .get(
            "/dead-letters",
            calls::dead_letters,
            call("Messages that were given up", &["notif.dead.read"])
                .takes_query::<calls::DeadLettersQuery>()
                .gives_json::<Vec<DeadLetter>>(),
        )
        .get(
            "/dead-letters/{id}",
            calls::dead_letter,
            one(call("One of them, with its message", &["notif.dead.read"])).gives_json::<DeadLetter>(),
        )
        .post(
            "/dead-letters/{id}/resend",
            calls::resend,
            one(call("Send it again", &["notif.dead.write"])).gives_nothing(),
        )
        .delete(
            "/dead-letters/{id}",
            calls::remove_dead_letter,
            one(call("Remove it", &["notif.dead.write"])).gives_nothing(),
        )
}

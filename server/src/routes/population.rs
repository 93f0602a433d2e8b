//! The population registry, under `/pr` (OSIA population registry 1.5.0).

use crate::http::openapi::{Doc, Routes, doc};
use crate::osia::Expression;
use crate::population::model::Person;
use crate::population::parameters::{Find, GalleryPage, Status, Traced};
use crate::population::record::Given;
use crate::population::{find, galleries, identities, persons, reference};

const NO_PERSON: &str = "there is no such person or identity";
const TAKEN: &str = "the id is taken";

const NOT_JSON: &str = "the body is not JSON";

fn call(summary: &'static str, scopes: &'static [&'static str]) -> Doc {
    doc(summary).scopes(scopes).osia().takes_query::<Traced>().status(400, "the request is at fault")
}

/// Every operation.
pub(super) fn population() -> Routes {
    persons().merge(identities()).merge(others())
}

fn persons() -> Routes {
    let read = |summary| call(summary, &["pr.person.read"]);
    let write = |summary| call(summary, &["pr.person.write"]);
    Routes::new()
        .post(
            "/v1/persons",
            find::post,
            read("Persons with an identity that meets all expressions")
                .takes_query::<Find>()
                .status(415, NOT_JSON)
                .takes_json::<Vec<Expression>>()
                .gives_json::<Vec<find::FoundPerson>>(),
        )
        .post(
            "/v1/persons/{personId}",
            persons::create,
            write("Create a person").status(409, TAKEN).status(415, NOT_JSON).takes_json::<Person>().makes(),
        )
        .get(
            "/v1/persons/{personId}",
            persons::read,
            read("Read a person").status(404, NO_PERSON).gives_json::<Person>(),
        )
        .put(
            "/v1/persons/{personId}",
            persons::update,
            write("Update a person")
                .status(404, NO_PERSON)
                .status(415, NOT_JSON)
                .takes_json::<Person>()
                .gives_nothing(),
        )
        .delete(
            "/v1/persons/{personId}",
            persons::delete,
            write("Delete a person with all identities").status(404, NO_PERSON).gives_nothing(),
        )
        .post(
            "/v1/persons/{personIdTarget}/merge/{personIdSource}",
            persons::merge,
            write("Two persons become one").status(404, NO_PERSON).status(409, TAKEN).gives_nothing(),
        )
}

fn identities() -> Routes {
    let read = |summary| call(summary, &["pr.identity.read"]).status(404, NO_PERSON);
    let create = |summary| call(summary, &["pr.identity.write"]);
    let write = |summary| create(summary).status(404, NO_PERSON);
    Routes::new()
        .get(
            "/v1/persons/{personId}/identities",
            identities::list,
            read("All identities of a person").gives_json::<Vec<Given>>(),
        )
        .post(
            "/v1/persons/{personId}/identities",
            identities::create,
            create("Create an identity; the server names it")
                .status(415, NOT_JSON)
                .takes_json::<Given>()
                .streams()
                .gives_json::<identities::Created>(),
        )
        .post(
            "/v1/persons/{personId}/identities/{identityId}",
            identities::create_named,
            create("Create an identity")
                .status(409, TAKEN)
                .status(415, NOT_JSON)
                .takes_json::<Given>()
                .streams()
                .makes(),
        )
        .get(
            "/v1/persons/{personId}/identities/{identityId}",
            identities::read,
            read("Read an identity").gives_json::<Given>(),
        )
        .put(
            "/v1/persons/{personId}/identities/{identityId}",
            identities::update,
            write("Replace what a claimed identity says")
                .status(415, NOT_JSON)
                .takes_json::<Given>()
                .streams()
                .gives_nothing(),
        )
        .patch(
            "/v1/persons/{personId}/identities/{identityId}",
            identities::patch,
            write("Change what a claimed identity says, by a merge patch")
                .status(415, NOT_JSON)
                .takes_json::<Given>()
                .streams()
                .gives_nothing(),
        )
        .delete(
            "/v1/persons/{personId}/identities/{identityId}",
            identities::delete,
            write("Delete an identity").gives_nothing(),
        )
        .post(
            "/v1/persons/{personIdTarget}/move/{personIdSource}/identities/{identityId}",
            identities::relocate,
            write("Give an identity to another person").status(409, TAKEN).gives_nothing(),
        )
        .put(
            "/v1/persons/{personId}/identities/{identityId}/status",
            identities::set_status,
            write("Change the status of an identity").takes_query::<Status>().gives_nothing(),
        )
}

fn others() -> Routes {
    let gallery = |summary| call(summary, &["pr.gallery.read"]);
    Routes::new()
        .put(
            "/v1/persons/{personId}/identities/{identityId}/reference",
            reference::define,
            call("An identity becomes the reference", &["pr.reference.write"]).status(404, NO_PERSON).gives_nothing(),
        )
        .get(
            "/v1/persons/{personId}/reference",
            reference::read,
            call("Read the reference identity", &["pr.reference.read"]).status(404, NO_PERSON).gives_json::<Given>(),
        )
        .get("/v1/galleries", galleries::list, gallery("Names of galleries").gives_json::<Vec<String>>())
        .get(
            "/v1/galleries/{galleryId}",
            galleries::read,
            gallery("Members of a gallery")
                .takes_query::<GalleryPage>()
                .status(404, "there is no such gallery")
                .gives_json::<Vec<galleries::Member>>()
                .gives("text/csv"),
        )
}

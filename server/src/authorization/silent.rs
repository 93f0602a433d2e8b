//! A browser in which somebody is logged in already: whether that is enough for a request, and how the login then ends
//! without a page.

use protocol::linked::ConsentAction;

use super::approval::{self, Finished};
use super::begin::{self, Checked, NotBegun};
use super::checks::{Fault, Refused};
use super::login::{self, Memory, must_be_the_subject, must_be_whom_the_hint_names};
use super::model::{Authenticated, Transaction};
use super::request::{Prompt, Request};
use super::response::ReturnTo;
use super::store::TransactionError;
use crate::acr::Acr;
use crate::clients::Client;
use crate::clock::Millis;
use crate::error::{ApiError, Code};
use crate::flow::Step;
use crate::http::csrf::Browser;
use crate::ids::Minted;
use crate::sessions::Session;
use crate::state::AppState;
use crate::store::Tx;

/// What came of a session that was enough.
pub(super) enum Silent {
    /// The browser goes back.
    Finished(Box<Finished>),
    /// The citizen must be asked.
    Consent,
}

/// The class of authentication that a session proves for a request, named as it was asked for. `None` where the person
/// must prove who they are: too long ago, in another way, another person, or with a session that serves another client.
///
/// # Errors
/// [`ApiError::Unavailable`].
pub(super) async fn proves(
    state: &AppState,
    client: &Client,
    request: &Request,
    session: &Session,
) -> Result<Option<String>, ApiError> {
    let Some(acr) = class(client, request, session, state.clock.now()) else { return Ok(None) };
    let same = match must_be_the_subject(state, request, client, session.person).await {
        Ok(()) => must_be_whom_the_hint_names(state, request, session.person).await,
        other => other,
    };
    match same {
        Ok(()) => Ok(Some(acr)),
        Err(ApiError::Refused(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// What can be told without a database.
fn class(client: &Client, request: &Request, session: &Session, now: Millis) -> Option<String> {
    let young = match request.max_age {
        None => true,
        // As `prompt=login` (OpenID Connect Core §3.1.2.1): no proof is as fresh as the next one.
        Some(0) => false,
        Some(seconds) => session.is_younger_than(seconds, now),
    };
    if !session.serves(&client.id) || request.prompts(Prompt::Login) || !young {
        return None;
    }
    let shown = Acr::read(&session.acr)?;
    request.acrs.iter().find(|name| Acr::read(name) == Some(shown)).cloned()
}

/// `login_required`, `consent_required` … (OpenID Connect Core §3.1.2.6).
pub(super) fn refused(client: &Client, request: &Request, error: &'static str, description: &'static str) -> Refused {
    let fault = Fault::named(Code::InvalidPrompt, error, description);
    Refused { faults: vec![fault], return_to: Some(ReturnTo::new(client, request)) }
}

fn who(session: &Session, acr: String) -> Authenticated {
    Authenticated {
        person: session.person,
        acr,
        amr: session.amr.clone(),
        auth_time: session.auth_time,
        key: None,
        remembered: None,
        session: Some(session.row),
    }
}

/// Begins a login with a session, and ends it where nothing is to be asked: one write, of which nothing is left where
/// nothing may be shown and something would have to be.
///
/// # Errors
/// [`NotBegun::Refused`] with `consent_required`.
pub(super) async fn begin(
    state: &AppState,
    browser: &Browser,
    checked: &Checked,
    minted: Minted,
    session: &Session,
    acr: String,
) -> Result<Silent, NotBegun> {
    let transaction = begin::started(state, browser, checked, &minted, String::new());
    let nothing_shown = checked.request.prompts(Prompt::None);
    let refused = refused(&checked.client, &checked.request, "consent_required", "the person must be asked");
    let (inner, client, who, mount) = (state.clone(), checked.client.clone(), who(session, acr), transaction.mount);
    let done = state
        .store
        .write(move |tx| {
            Box::pin(async move {
                begin::insert(&inner, tx, &transaction, &minted).await?;
                match go_on(&inner, tx, &client, transaction, who).await? {
                    Silent::Consent if nothing_shown => Err(NotBegun::Refused(refused)),
                    done => Ok(done),
                }
            })
        })
        .await?;
    state.flow.count(mount, Step::Started);
    if matches!(done, Silent::Finished(_)) {
        state.flow.count(mount, Step::Finished);
    }
    Ok(done)
}

/// The citizen goes on as who is logged in, with a login that has begun.
///
/// # Errors
/// `invalid_transaction` unless nobody answered yet.
pub(super) async fn resume(
    state: &AppState,
    client: std::sync::Arc<Client>,
    transaction: Transaction,
    session: &Session,
    acr: String,
) -> Result<Silent, ApiError> {
    let (inner, who, mount) = (state.clone(), who(session, acr), transaction.mount);
    let done = state
        .store
        .write(move |tx| Box::pin(async move { go_on(&inner, tx, &client, transaction, who).await }))
        .await
        .map_err(|error: TransactionError| ApiError::from(error))?;
    if matches!(done, Silent::Finished(_)) {
        state.flow.count(mount, Step::Finished);
    }
    Ok(done)
}

async fn go_on(
    state: &AppState,
    tx: &mut Tx,
    client: &Client,
    transaction: Transaction,
    who: Authenticated,
) -> Result<Silent, TransactionError> {
    let (mut moved, action) = login::proven(state, tx, transaction, who, None, Memory::Used).await?;
    moved.version += 1;
    match (action, moved.stage.remembered().cloned()) {
        (ConsentAction::NoCapture, Some(decision)) => {
            let finished = approval::finish_in(state, tx, client, moved, decision, true).await?;
            Ok(Silent::Finished(Box::new(finished)))
        }
        _ => Ok(Silent::Consent),
    }
}

#[cfg(test)]
mod tests {
    use super::super::model_tests::client;
    use super::*;
    use crate::dialect::Mount;
    use crate::registry::PersonId;

    fn session() -> Session {
        Session {
            row: 1,
            mount: Mount::Op,
            person: PersonId(5),
            auth_time: 100_000,
            acr: "mosip:idp:acr:static-code".into(),
            amr: vec!["PIN".into()],
            only_for: None,
            expires_at: 1_000_000,
        }
    }

    fn request() -> Request {
        let acrs = ["mosip:idp:acr:generated-code", "idbb:acr:static-code"].map(String::from).to_vec();
        Request { acrs, ..Request::default() }
    }

    #[test]
    fn a_session_is_enough_for_what_it_proved_and_told_as_asked() {
        let told = class(&client(Mount::Op), &request(), &session(), 200_000);
        assert_eq!(told.as_deref(), Some("idbb:acr:static-code"));
    }

    /// A21: never another class than the one that was reached.
    #[test]
    fn a21_another_class_is_not_proven() {
        let asked = Request { acrs: vec!["mosip:idp:acr:linked-wallet".into()], ..Request::default() };
        assert_eq!(class(&client(Mount::Op), &asked, &session(), 200_000), None);
    }

    #[test]
    fn old_proofs_other_clients_and_a_wish_for_a_login_are_not_met() {
        let of = |request: &Request, session: &Session| class(&client(Mount::Op), request, session, 200_000).is_some();
        for (max_age, enough) in [(None, true), (Some(100), true), (Some(99), false), (Some(0), false)] {
            assert_eq!(of(&Request { max_age, ..request() }, &session()), enough, "{max_age:?}");
        }
        assert!(!of(&Request { prompt: vec![Prompt::Login], ..request() }, &session()));
        assert!(of(&Request { prompt: vec![Prompt::None], ..request() }, &session()));
        let only = |client: &str| Session { only_for: Some(client.into()), ..session() };
        assert!(of(&request(), &only("clinic")) && !of(&request(), &only("shop")));
        let now = Request { max_age: Some(0), ..request() };
        assert_eq!(class(&client(Mount::Op), &now, &session(), 100_000), None);
    }
}

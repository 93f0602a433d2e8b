//! What a request really asks: what came in the query, or what its request object says, or what was pushed before. One of
//! them, never two mixed (RFC 9101 §5, RFC 9126 §4, A14).

use super::asked::Asked;
use super::begin::NotBegun;
use super::checks::{Fault, Refused};
use super::{par, request_object, request_uri};
use crate::clients::Client;
use crate::error::Code;
use crate::state::AppState;

/// By which door a request came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// As parameters.
    Plain,
    /// As a request object.
    Object,
    /// It is being pushed.
    Pushing {
        /// As a request object.
        object: bool,
    },
    /// It was pushed: the row.
    Pushed(i64),
}

impl Door {
    /// Whether the client had to prove who it is.
    pub(super) fn is_pushed(self) -> bool {
        matches!(self, Self::Pushing { .. } | Self::Pushed(_))
    }

    /// Whether it is, or was when it was pushed, a request object wherever one is demanded.
    pub(super) fn is_object(self) -> bool {
        matches!(self, Self::Object | Self::Pushing { object: true } | Self::Pushed(_))
    }
}

/// Finds out what a client asks.
///
/// # Errors
/// [`NotBegun::Refused`], to be told on a page: the redirect URI is not proven.
pub(super) async fn resolve(state: &AppState, client: &Client, asked: &Asked) -> Result<(Asked, Door), NotBegun> {
    let plain = || Ok((asked.clone(), Door::Plain));
    // What was sent twice is refused for that, whatever it is.
    if !client.mount.dialect().request_objects || !asked.twice.is_empty() {
        return plain();
    }
    let object = match (&asked.request, &asked.request_uri) {
        (None, None) => return plain(),
        (Some(_), Some(_)) => {
            return Err(on_a_page(Fault::of(Code::InvalidRequest, "request and request_uri are not sent together")));
        }
        (Some(token), None) => request_object::read(state, client, token).await,
        (None, Some(uri)) if uri.starts_with(par::URN) => {
            let pushed = par::find(state, client, uri).await?;
            let unknown = || on_a_page(request_uri::fault("the request_uri is unknown, used or another client's"));
            return pushed.map(|(row, asked)| (asked, Door::Pushed(row))).ok_or_else(unknown);
        }
        (None, Some(uri)) => match request_uri::fetch(state, client, uri).await {
            Ok(token) => request_object::read(state, client, &token).await,
            Err(fault) => Err(fault),
        },
    };
    object.map(|asked| (asked, Door::Object)).map_err(on_a_page)
}

fn on_a_page(fault: Fault) -> NotBegun {
    NotBegun::Refused(Refused { faults: vec![fault], return_to: None })
}

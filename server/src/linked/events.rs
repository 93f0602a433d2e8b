//! `link-events`: how a login goes on, told as it happens (server-sent events, HTML Standard §9.2), for pages that would
//! rather listen than ask again and again. Ours; the long polls stay as they are.
//!
//! | event | data | when |
//! | --- | --- | --- |
//! | `frame` | [`FrameEvent`] | at once, and whenever another picture is to be shown |
//! | `state` | [`StateEvent`] | at once, and on each change |
//! | `warning` | `{"reason": "scanned_twice"}` | once, where a second wallet tried to claim the code |
//! | `end` | `{}` | after the last state; then the stream ends |
//!
//! A stream that ends without `end` was cut (a server that stops, a database that does not answer): come back. While
//! it waits it holds no connection of the database and no lock, and every [`HEARTBEAT`] it says so in a comment.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use futures::stream;
use protocol::linked::{FrameEvent, LinkEventsRequest, StateEvent};
use serde::Serialize;
use tokio::time::Instant;

use super::browser_kind::browser_kind;
use super::code::{Held, Issued, hold};
use super::deep_link::deep_link;
use super::frame::Presented;
use super::{access, status, store};
use crate::authorization::store::open_id;
use crate::authorization::{Stage, Transaction};
use crate::clock::Millis;
use crate::dialect::Mount;
use crate::error::{ApiError, Code};
use crate::http::csrf::Browser;
use crate::http::envelope::{Body, format_time};
use crate::ids::Opened;
use crate::pages::{self, Language};
use crate::state::AppState;
use crate::wait::{self, Watch, Woken};

/// A stream says that it lives at least this often, and looks at the database then, for a wake may have been lost.
pub const HEARTBEAT: Duration = Duration::from_secs(15);

/// `POST linked-authorization/link-events`.
///
/// # Errors
/// As an envelope, before the stream begins: `invalid_transaction_id` (blank), `invalid_transaction` (unknown, over or
/// another browser's); 403 without CSRF token.
pub async fn post(
    State(state): State<AppState>,
    mount: Mount,
    browser: Browser,
    headers: HeaderMap,
    Body(request): Body<LinkEventsRequest>,
) -> Result<Response, ApiError> {
    let id = open_id(&state, Some(&request.transaction_id))?;
    let shows = Presented::open(&state, &request.link_code).ok().map(|code| (request.link_code, code));
    // Before the first look, so that no change after it is missed.
    let watch = state.waits.watch(wait::transaction(id.id));
    let mut told = Told {
        page: Page { state, mount, browser, id, headers, shows },
        watch,
        shown: None,
        last: None,
        warned: false,
        queue: VecDeque::new(),
        ends_at: 0,
        beat: Instant::now() + HEARTBEAT,
        over: false,
    };
    told.look().await?;
    let mut response = Sse::new(stream::unfold(told, Told::next)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // nginx would hold events back.
    headers.insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    Ok(response)
}

/// Whose page listens.
struct Page {
    state: AppState,
    mount: Mount,
    browser: Browser,
    id: Opened,
    headers: HeaderMap,
    /// The code it shows already, as text and read.
    shows: Option<(String, Presented)>,
}

impl Page {
    /// The transaction as it is now.
    async fn transaction(&self) -> Result<Transaction, ApiError> {
        let (state, mount, browser, id) = (self.state.clone(), self.mount, self.browser.clone(), self.id.clone());
        self.state
            .store
            .read(move |tx| Box::pin(async move { Ok(access::of_browser(&state, tx, mount, &browser, &id).await?) }))
            .await
    }

    /// What to show from now on; `None` where the login has just moved, which a wake will tell.
    async fn hold(&mut self) -> Result<Option<Held>, ApiError> {
        let (kind, shows) = (browser_kind(&self.headers), self.shows.take());
        match hold(&self.state, self.mount, self.browser.clone(), self.id.clone(), kind, shows).await {
            Ok(held) => Ok(Some(held)),
            Err(error) if is(&error, Code::InvalidTransaction) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn language(&self, transaction: &Transaction) -> Language {
        Language::of_browser(&self.state.config.languages, &transaction.request.ui_locales, &self.headers)
    }
}

fn is(error: &ApiError, code: Code) -> bool {
    matches!(error, ApiError::Refused(codes) if codes.iter().any(|(found, _)| *found == code))
}

/// What is shown at present.
struct Shown {
    held: Held,
    issued: Issued,
    language: Language,
    /// No further code can be made: this one's end is the page's end.
    last: bool,
}

/// A stream: what it has told, and what it is about to.
struct Told {
    page: Page,
    watch: Watch,
    shown: Option<Shown>,
    last: Option<&'static str>,
    warned: bool,
    queue: VecDeque<Event>,
    /// When the transaction is over by itself.
    ends_at: Millis,
    beat: Instant,
    over: bool,
}

impl Told {
    /// The next event, once there is one.
    async fn next(mut self) -> Option<(Result<Event, Infallible>, Self)> {
        loop {
            if let Some(event) = self.queue.pop_front() {
                return Some((Ok(event), self));
            }
            if self.over {
                return None;
            }
            let deadline = self.deadline();
            let went = match self.watch.woken(deadline).await {
                Woken::Closed => return None,
                Woken::Changed => self.look().await,
                Woken::Late => self.late().await,
            };
            // The page comes back, or asks by long polls, and is told there what is wrong.
            went.ok()?;
        }
    }

    /// When there is something to do although nobody woke.
    fn deadline(&self) -> Instant {
        let next = self.shown.as_ref().map_or(self.ends_at, |shown| {
            let next = if shown.last { shown.issued.expires_at } else { shown.issued.next_at };
            next.min(self.ends_at)
        });
        let left = u64::try_from(next - self.page.state.clock.now()).unwrap_or(0);
        self.beat.min(Instant::now() + Duration::from_millis(left))
    }

    async fn late(&mut self) -> Result<(), ApiError> {
        if self.page.state.clock.now() >= self.ends_at {
            return self.look().await;
        }
        if Instant::now() >= self.beat {
            self.beat = Instant::now() + HEARTBEAT;
            self.queue.push_back(Event::default().comment(""));
            return self.look().await;
        }
        self.show().await
    }

    /// Reads how the login stands.
    async fn look(&mut self) -> Result<(), ApiError> {
        let transaction = match self.page.transaction().await {
            Ok(transaction) => transaction,
            // It was there when the stream began.
            Err(ApiError::Refused(_)) if self.last.is_some() => return self.end("over"),
            Err(error) => return Err(error),
        };
        self.ends_at = transaction.expires_at;
        let state = status::name(&transaction.stage);
        match &transaction.stage {
            Stage::Started | Stage::FirstFactor(_) => {
                self.tell(state, None)?;
                if self.shown.is_none() {
                    self.begin(&transaction).await?;
                }
                self.show().await
            }
            Stage::Linked(_) | Stage::LinkedAuthenticated(..) => {
                self.shown = None;
                self.tell(state, transaction.stage.number())?;
                self.warn(transaction.id).await
            }
            Stage::Approved(..) | Stage::Denied(_) | Stage::Authenticated(_) | Stage::Finished => self.end(state),
        }
    }

    async fn begin(&mut self, transaction: &Transaction) -> Result<(), ApiError> {
        let Some(held) = self.page.hold().await? else { return Ok(()) };
        let issued = held.at(self.page.state.clock.now());
        let language = self.page.language(transaction);
        self.picture(&issued, language)?;
        self.shown = Some(Shown { held, issued, language, last: false });
        Ok(())
    }

    /// Shows another picture where it is time for one.
    async fn show(&mut self) -> Result<(), ApiError> {
        let now = self.page.state.clock.now();
        let Some(shown) = &mut self.shown else { return Ok(()) };
        if shown.last {
            return if now >= shown.issued.expires_at { self.end("expired") } else { Ok(()) };
        }
        if now < shown.issued.next_at {
            return Ok(());
        }
        if let Held::Code(_) = shown.held {
            match self.page.hold().await {
                Ok(Some(held)) => shown.held = held,
                Ok(None) => return Ok(()),
                Err(error) if is(&error, Code::LinkCodeLimitReached) => {
                    shown.last = true;
                    return Ok(());
                }
                Err(error) => return Err(error),
            }
        }
        shown.issued = shown.held.at(now);
        let (issued, language) = (shown.issued.clone(), shown.language);
        self.picture(&issued, language)
    }

    fn picture(&mut self, issued: &Issued, language: Language) -> Result<(), ApiError> {
        let deep_link = deep_link(&self.page.state, self.page.mount, issued);
        let svg = pages::svg(&deep_link, language.text().qr_code).ok_or(ApiError::Unavailable)?;
        let (link_code, expire_date_time) = (issued.code.clone(), format_time(issued.expires_at));
        self.push("frame", &FrameEvent { link_code, expire_date_time, deep_link, svg })
    }

    /// Tells a state that was not told yet, with the number that the citizen is to type.
    fn tell(&mut self, state: &'static str, number: Option<&str>) -> Result<(), ApiError> {
        if self.last.replace(state) == Some(state) {
            return Ok(());
        }
        self.push("state", &StateEvent { state: state.into(), match_number: number.map(str::to_owned) })
    }

    /// Warns where a second wallet tried to claim the code: one of the two was shown it by somebody else.
    async fn warn(&mut self, transaction: i64) -> Result<(), ApiError> {
        if self.warned {
            return Ok(());
        }
        let read = self.page.state.store.read(move |tx| Box::pin(store::was_rescanned(tx, transaction)));
        self.warned = read.await?;
        if self.warned { self.push("warning", &serde_json::json!({ "reason": "scanned_twice" })) } else { Ok(()) }
    }

    fn end(&mut self, state: &'static str) -> Result<(), ApiError> {
        self.tell(state, None)?;
        self.over = true;
        self.push("end", &serde_json::Map::new())
    }

    fn push(&mut self, name: &str, data: &impl Serialize) -> Result<(), ApiError> {
        let event = Event::default().event(name).json_data(data).map_err(|_| ApiError::Unavailable)?;
        self.queue.push_back(event);
        Ok(())
    }
}

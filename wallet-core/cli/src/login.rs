//! `wallet scan`, `show`, `approve`, `finish`, `deny`, `report`, `cancel`.

use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;

use wallet_core::{
    ActivityKind, DenialReason, LoginChoices, LoginOutcome, LoginReview, LoginSession, LoginStage, SessionKind,
    UnfinishedSession, Wallet,
};

use crate::args::{Approve, Deny, Reason, Report, Scan, Which};
use crate::error::CliError;
use crate::records;
use crate::terminal::{Terminal, by_beginning, moment, names, printable};

/// Largest picture file read, in bytes.
const MAX_PICTURE_BYTES: u64 = 32 * 1024 * 1024;

pub(crate) async fn scan(wallet: &Arc<Wallet>, scan: &Scan, terminal: &mut Terminal) -> Result<(), CliError> {
    let link = link(wallet, &scan.what, terminal)?;
    let binding = scan.binding.as_deref().map(|given| records::binding_id(wallet, given)).transpose()?;
    let session = wallet.begin_login(link, binding).await?;
    print_review(&session.review()?, &session.id(), terminal)
}

pub(crate) fn show(wallet: &Arc<Wallet>, which: &Which, terminal: &mut Terminal) -> Result<(), CliError> {
    let session = session(wallet, which)?;
    if let LoginStage::Unfinished { .. } = session.stage()? {
        terminal.line("Approved, and the server's answer is missing: `wallet finish` asks again.")?;
    }
    print_review(&session.review()?, &session.id(), terminal)
}

pub(crate) async fn approve(wallet: &Arc<Wallet>, approve: &Approve, terminal: &mut Terminal) -> Result<(), CliError> {
    let session = session(wallet, &approve.which)?;
    let review = session.review()?;
    let number = match &approve.number {
        None if review.number_required => Some(terminal.ask("The number that the browser shows:")?),
        given => given.clone(),
    };
    let choices = LoginChoices {
        accepted_voluntary_claims: approve.accept.clone(),
        permitted_scopes: approve.permit.clone(),
        number,
    };
    let name = review.relying_party.name;
    let outcome = session.approve(choices).await?;
    print_outcome(&name, &outcome, terminal)
}

pub(crate) async fn finish(wallet: &Arc<Wallet>, which: &Which, terminal: &mut Terminal) -> Result<(), CliError> {
    let session = session(wallet, which)?;
    let name = session.review()?.relying_party.name;
    let outcome = session.finish().await?;
    print_outcome(&name, &outcome, terminal)
}

pub(crate) async fn deny(wallet: &Arc<Wallet>, deny: &Deny, terminal: &mut Terminal) -> Result<(), CliError> {
    session(wallet, &deny.which)?.deny(deny.reason.map(why)).await?;
    terminal.line("Denied.")
}

fn why(reason: Reason) -> DenialReason {
    match reason {
        Reason::NotMe => DenialReason::NotMe,
        Reason::ChangedMind => DenialReason::ChangedMind,
        Reason::Suspicious => DenialReason::Suspicious,
    }
}

pub(crate) async fn report(wallet: &Arc<Wallet>, report: &Report, terminal: &mut Terminal) -> Result<(), CliError> {
    let entries = wallet.activity()?;
    let id = by_beginning(
        entries.iter().filter(|entry| entry.kind == ActivityKind::LoginApproved).map(|entry| entry.id.as_str()),
        &report.entry,
        "no approved login of this id: see `wallet log`",
        "several entries begin so: see `wallet log`",
    )?;
    wallet.report_login(id, report.reason.map(why)).await?;
    terminal.line("Reported. What this login yielded is revoked.")
}

pub(crate) fn cancel(wallet: &Arc<Wallet>, which: &Which, terminal: &mut Terminal) -> Result<(), CliError> {
    let sessions = wallet.unfinished_sessions()?;
    let id = named_or_only(&sessions, which)?;
    match sessions.iter().find(|session| session.id == id).map(|session| session.kind) {
        Some(SessionKind::Binding) => wallet.resume_binding(id)?.cancel()?,
        _ => wallet.resume_login(id)?.cancel()?,
    }
    terminal.line("Dropped. The server was not told.")
}

/// The login named, or the only one there is.
fn session(wallet: &Arc<Wallet>, which: &Which) -> Result<Arc<LoginSession>, CliError> {
    let mut sessions = wallet.unfinished_sessions()?;
    sessions.retain(|session| session.kind == SessionKind::Login);
    Ok(wallet.resume_login(named_or_only(&sessions, which)?)?)
}

fn named_or_only(sessions: &[UnfinishedSession], which: &Which) -> Result<String, CliError> {
    match (&which.session, sessions) {
        (Some(given), _) => by_beginning(
            sessions.iter().map(|session| session.id.as_str()),
            given,
            "no session of this id waits: see `wallet sessions`",
            "several sessions begin so: see `wallet sessions`",
        ),
        (None, [only]) => Ok(only.id.clone()),
        (None, []) => Err(CliError::Choice("nothing waits: `wallet scan` begins a login")),
        (None, _) => Err(CliError::Choice("several sessions wait: name one, see `wallet sessions`")),
    }
}

/// The link itself, on standard input, or in a picture. In a picture with several codes the one that some binding of
/// this wallet serves counts, else the first.
fn link(wallet: &Arc<Wallet>, what: &str, terminal: &mut Terminal) -> Result<String, CliError> {
    if what == "-" {
        return terminal.read_line();
    }
    let path = Path::new(what);
    if what.contains("://") || !path.is_file() {
        return Ok(what.to_owned());
    }
    let mut picture = Vec::new();
    std::fs::File::open(path)
        .and_then(|file| file.take(MAX_PICTURE_BYTES).read_to_end(&mut picture))
        .map_err(CliError::file("the picture"))?;
    let texts = wallet_host::read_qr_picture(&picture)?;
    let serves = |text: &&String| wallet.bindings_for((*text).clone()).is_ok_and(|bindings| !bindings.is_empty());
    let link = texts.iter().find(serves).or_else(|| texts.first()).cloned();
    link.ok_or(CliError::Picture(wallet_host::PictureError::NoCode))
}

fn print_review(review: &LoginReview, id: &str, terminal: &mut Terminal) -> Result<(), CliError> {
    for line in review_lines(review) {
        terminal.line(line)?;
    }
    terminal.line("")?;
    terminal.line(format!("Session {id}: `wallet approve` or `wallet deny`."))
}

/// What the citizen reads before deciding: what is verified first, hints marked as such.
fn review_lines(review: &LoginReview) -> Vec<String> {
    let party = &review.relying_party;
    let mut lines = vec![format!("{} asks you to log in.", printable(&party.name))];
    let mut told = |what: &str, value: Option<String>| lines.extend(value.map(|value| format!("  {what:<16}{value}")));
    told("domain", party.domain.as_deref().map(printable));
    told("asked through", Some(printable(&review.issuer)));
    told("page", review.page_origin.as_deref().map(printable));
    let of_kind = |essential: bool| -> Option<String> {
        let claims: Vec<String> =
            review.claims.iter().filter(|claim| claim.essential == essential).map(|claim| claim.name.clone()).collect();
        (!claims.is_empty()).then(|| names(&claims))
    };
    told("needs", of_kind(true));
    told("would like", of_kind(false).map(|claims| format!("{claims}   (--accept)")));
    told("to permit", (!review.scopes.is_empty()).then(|| format!("{}   (--permit)", names(&review.scopes))));
    told("until", review.expires_at_ms.map(moment));
    let from = &review.from;
    let hints: Vec<String> = [
        from.browser.as_deref().map(printable),
        from.place.as_deref().map(printable),
        from.started_at_ms.map(|at| format!("begun {}", moment(at))),
        from.near.map(|near| if near { "near this wallet".to_owned() } else { "not near this wallet".to_owned() }),
    ]
    .into_iter()
    .flatten()
    .collect();
    told("from, unverified", (!hints.is_empty()).then(|| format!("  {}", hints.join(", "))));
    if review.number_required {
        lines.push("Type the number the browser shows when you approve (--number).".to_owned());
    }
    lines
}

fn print_outcome(name: &str, outcome: &LoginOutcome, terminal: &mut Terminal) -> Result<(), CliError> {
    terminal.line(format!("Logged in to {}.", printable(name)))?;
    if outcome.consent_remembered {
        terminal.line("The server went by your earlier consent.")?;
    }
    if let Some(id) = &outcome.receipt_id {
        terminal.line(format!("Receipt {id}."))?;
    }
    match &outcome.return_uri {
        Some(uri) => terminal.line(format!("Open this in the browser that began: {}", printable(uri))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use wallet_core::{RelyingParty, RequestedClaim, UnverifiedOrigin};

    use super::*;

    #[test]
    fn a_review_tells_verified_from_hints() {
        let review = LoginReview {
            relying_party: RelyingParty {
                name: "Clinic\u{1b}[1m".into(),
                domain: Some("clinic.example".into()),
                logo_url: None,
            },
            issuer: "https://id.example".into(),
            page_origin: Some("https://id.example".into()),
            claims: vec![
                RequestedClaim { name: "name".into(), essential: true },
                RequestedClaim { name: "email".into(), essential: false },
            ],
            scopes: vec![],
            from: UnverifiedOrigin { browser: Some("Firefox".into()), near: Some(false), ..Default::default() },
            channel: wallet_core::LoginChannel::CrossDevice,
            expires_at_ms: Some(1_767_607_200_000),
            number_required: true,
            binding_id: "b".into(),
        };
        assert_eq!(
            review_lines(&review),
            [
                "Clinic?[1m asks you to log in.",
                "  domain          clinic.example",
                "  asked through   https://id.example",
                "  page            https://id.example",
                "  needs           name",
                "  would like      email   (--accept)",
                "  until           2026-01-05T10:00:00.000Z",
                "  from, unverified  Firefox, not near this wallet",
                "Type the number the browser shows when you approve (--number).",
            ]
        );
    }
}

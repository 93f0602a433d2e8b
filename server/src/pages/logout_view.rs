//! What the templates of logout are filled with.

use askama::Template;

use super::Frame;

/// Asks whether to sign out.
#[derive(Template)]
#[template(path = "logout.html")]
pub struct LogoutPage {
    /// Language.
    pub frame: Frame,
    /// Where the answer goes.
    pub action: String,
    /// The CSRF token.
    pub csrf: String,
    /// The request's own `client_id`, or that of its hint.
    pub client_id: Option<String>,
    /// Where the browser goes then.
    pub post_logout_redirect_uri: Option<String>,
    /// Given back there.
    pub state: Option<String>,
}

/// Tells how it ended, where the browser goes nowhere.
#[derive(Template)]
#[template(path = "logged_out.html")]
pub struct LoggedOutPage {
    /// Language.
    pub frame: Frame,
    /// In one sentence.
    pub sentence: &'static str,
}

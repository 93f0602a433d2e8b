//! A browser without a window: it keeps cookies, follows one link at a time, and reads pages as text.

use reqwest::header::LOCATION;
use url::Url;

/// Why the browser cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum BrowserError {
    /// Nothing answered.
    #[error("no answer: {0}")]
    NoAnswer(#[from] reqwest::Error),
    /// The answer is not what was expected; `0` says what is missing.
    #[error("the page has no {0}")]
    Missing(String),
    /// An address that is none.
    #[error("not an address: {0}")]
    Address(#[from] url::ParseError),
}

/// What was answered.
pub struct Page {
    /// HTTP status.
    pub status: u16,
    /// Where it says to go on.
    pub location: Option<Url>,
    /// Its text.
    pub html: String,
}

impl Page {
    /// What stands between two pieces of the page's text, the first time.
    ///
    /// # Errors
    /// [`BrowserError::Missing`] where it does not.
    pub fn between(&self, before: &str, after: &str) -> Result<&str, BrowserError> {
        let missing = || BrowserError::Missing(before.into());
        let (_, rest) = self.html.split_once(before).ok_or_else(missing)?;
        Ok(rest.split_once(after).ok_or_else(missing)?.0)
    }

    /// The next step's address.
    ///
    /// # Errors
    /// [`BrowserError::Missing`] where the page does not lead on.
    pub fn next(&self) -> Result<Url, BrowserError> {
        self.location.clone().ok_or_else(|| BrowserError::Missing(format!("redirect (status {})", self.status)))
    }
}

/// A browser with its own cookies.
pub struct Browser {
    http: reqwest::Client,
}

impl Browser {
    /// A browser that was nowhere yet.
    ///
    /// # Errors
    /// [`BrowserError::NoAnswer`] where HTTP cannot be set up.
    pub fn new() -> Result<Self, BrowserError> {
        let http = reqwest::Client::builder()
            .cookie_store(true)
            .redirect(reqwest::redirect::Policy::none())
            .user_agent("Mozilla/5.0 (X11; Linux x86_64) Chrome/150.0 Safari/537.36")
            .build()?;
        Ok(Self { http })
    }

    /// Opens an address.
    ///
    /// # Errors
    /// [`BrowserError::NoAnswer`].
    pub async fn open(&self, url: &Url) -> Result<Page, BrowserError> {
        read(self.http.get(url.clone()).send().await?).await
    }

    /// Sends a form of a page.
    ///
    /// # Errors
    /// [`BrowserError::NoAnswer`].
    pub async fn send(&self, url: &Url, fields: &[(&str, &str)]) -> Result<Page, BrowserError> {
        // A browser names the origin of the page that holds the form.
        let origin = url.origin().ascii_serialization();
        read(self.http.post(url.clone()).header("Origin", origin).form(fields).send().await?).await
    }
}

async fn read(response: reqwest::Response) -> Result<Page, BrowserError> {
    let status = response.status().as_u16();
    let location = match response.headers().get(LOCATION).and_then(|location| location.to_str().ok()) {
        Some(location) => Some(response.url().join(location)?),
        None => None,
    };
    Ok(Page { status, location, html: response.text().await? })
}

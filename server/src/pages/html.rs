//! A page as an answer: HTML with its own content security policy, never cached, never framed.

use askama::Template;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use url::Url;

/// A rendered page.
pub struct Html {
    status: StatusCode,
    text: String,
    image: Option<String>,
    form_action: String,
}

impl Html {
    /// Renders a template. `None` where it cannot be, which is logged; answer 503 then.
    #[must_use]
    pub fn of(page: &impl Template) -> Option<Self> {
        match page.render() {
            Ok(text) => Some(Self { status: StatusCode::OK, text, image: None, form_action: "'self'".into() }),
            Err(error) => {
                tracing::error!(%error, "a page could not be rendered");
                None
            }
        }
    }

    /// With another status than 200.
    #[must_use]
    pub fn status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    /// Allows the one image that the page shows from elsewhere: a relying party's logo, over https only.
    #[must_use]
    pub fn image(self, url: Option<&str>) -> Self {
        let origin = url.and_then(|url| Url::parse(url).ok()).filter(|url| url.scheme() == "https");
        Self { image: origin.map(|url| url.origin().ascii_serialization()), ..self }
    }

    /// Allows that the answer to a form sends the browser on to a redirect URI, see [`form_action`].
    #[must_use]
    pub fn forms_lead_to(self, redirect_uri: &str) -> Self {
        Self { form_action: form_action(redirect_uri), ..self }
    }

    fn policy(&self) -> String {
        let image = self.image.as_deref().map(|origin| format!("; img-src {origin}")).unwrap_or_default();
        format!(
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'{image}; form-action {}; \
             frame-ancestors 'none'; base-uri 'none'",
            self.form_action
        )
    }
}

/// `form-action` of a page whose forms end at a redirect URI. Chromium holds every redirect that follows a form against
/// it, also those the relying party adds behind its own redirect URI: hence any https site rather than one.
#[must_use]
pub fn form_action(redirect_uri: &str) -> String {
    match Url::parse(redirect_uri) {
        Ok(url) if url.scheme() == "https" => "'self' https:".into(),
        Ok(url) if url.scheme() == "http" => format!("'self' {}", url.origin().ascii_serialization()),
        // A scheme has letters, digits, `+`, `-` and `.` only (RFC 3986 §3.1): nothing that could end the directive.
        Ok(url) => format!("'self' {}:", url.scheme()),
        Err(_) => "'self'".into(),
    }
}

impl IntoResponse for Html {
    fn into_response(self) -> Response {
        let policy = HeaderValue::from_str(&self.policy());
        let mut response = (self.status, self.text).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        // What is said here depends on these two.
        headers.insert(header::VARY, HeaderValue::from_static("Accept-Language, Cookie"));
        if let Ok(policy) = policy {
            headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        }
        response
    }
}

/// A template as an answer, in the shape that `shape` gives it; 503 where it cannot be rendered.
pub fn show(template: &impl Template, shape: impl FnOnce(Html) -> Html) -> Response {
    match Html::of(template) {
        Some(html) => shape(html).into_response(),
        None => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_lead_to_the_relying_party_and_nowhere_else() {
        assert_eq!(form_action("https://rp.test/cb"), "'self' https:");
        assert_eq!(form_action("http://127.0.0.1:3000/cb"), "'self' http://127.0.0.1:3000");
        assert_eq!(form_action("org.example.app:/cb"), "'self' org.example.app:");
        assert_eq!(form_action("not a url; script-src *"), "'self'");
    }
}

//! Routes that describe themselves: each line of `routes.rs` gives the handler and what it takes and gives, and the
//! OpenAPI document is made of the same lines, so that the two cannot drift apart.

mod document;
#[cfg(test)]
pub(crate) mod held;
mod operation;
mod routes;

use schemars::{JsonSchema, SchemaGenerator};
use serde_json::Value;

pub use document::document;
pub use routes::Routes;

/// What a body looks like on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    /// `{requestTime, request}` in, `{responseTime, response, errors}` out.
    Envelope,
    /// JSON as it is.
    Json,
    /// `application/x-www-form-urlencoded`.
    Form,
    /// Something else: pages, tokens; only in answers.
    Media(&'static str),
}

/// Writes a type's schema into the document's components and gives a reference to it.
type SchemaOf = fn(&mut SchemaGenerator) -> schemars::Schema;

/// What a caller must show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Need {
    /// A client's own token with one of these scopes.
    Scope(&'static [&'static str]),
    /// A client's own token with a scope whose name the path completes; the handler asks for it.
    NamedScope(&'static str),
    /// The same, where the configuration demands it.
    MaybeScope(&'static str),
    /// A person's login, as access token.
    Login,
    /// The cookie `XSRF-TOKEN`, and the header that repeats it.
    Csrf,
    /// The cookie `XSRF-TOKEN`, and the form's field that repeats it.
    CsrfForm,
    /// The cookie `XSRF-TOKEN` alone.
    Cookie,
    /// The header `Tessera-Wallet`.
    Wallet,
    /// The same, where the body does not say who signed it.
    MaybeWallet,
}

/// How a refusal looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refusal {
    /// In the envelope.
    Envelope,
    /// `{error, error_description}`.
    OAuth,
    /// As a page.
    Page,
    /// As a page, or as `{error, error_description}`.
    PageOrOAuth,
    /// `{code, message}`, as OSIA's interfaces do.
    Osia,
    /// By its status and headers alone.
    Bare,
}

/// What one operation takes and gives.
pub struct Doc {
    summary: &'static str,
    request: Option<(Shape, SchemaOf)>,
    /// Media types of a body that is taken as it is.
    bytes: &'static [&'static str],
    /// Whether the handler reads the body itself, under a limit of its own.
    streams: bool,
    /// Query parameters, beside whatever body.
    query: Option<SchemaOf>,
    /// Whether a request without a body will do too.
    or_no_body: bool,
    response: Option<(Shape, Option<SchemaOf>)>,
    /// Media types of a good answer beside the one of `response`.
    also: Vec<&'static str>,
    /// The status of a good answer.
    good: u16,
    statuses: Vec<(u16, &'static str)>,
    /// Other good answers, each with its JSON where it has one.
    others: Vec<(u16, &'static str, Option<SchemaOf>)>,
    headers: Vec<(&'static str, bool, &'static str)>,
    need: Option<Need>,
    refusal: Option<Refusal>,
    refuses: bool,
    /// A status whose body is that of a good answer.
    alike: Option<u16>,
    example: Option<fn() -> Value>,
}

fn schema_of<T: JsonSchema>(generator: &mut SchemaGenerator) -> schemars::Schema {
    generator.subschema_for::<T>()
}

/// An operation, in a few words.
#[must_use]
pub fn doc(summary: &'static str) -> Doc {
    Doc {
        summary,
        request: None,
        bytes: &[],
        streams: false,
        query: None,
        or_no_body: false,
        response: None,
        also: Vec::new(),
        good: 200,
        statuses: Vec::new(),
        others: Vec::new(),
        headers: Vec::new(),
        need: None,
        refusal: None,
        refuses: false,
        alike: None,
        example: None,
    }
}

impl Doc {
    /// Takes and gives envelopes.
    #[must_use]
    pub fn envelope<Q: JsonSchema, R: JsonSchema>(self) -> Self {
        self.takes_envelope::<Q>().gives_envelope::<R>()
    }

    /// Takes an envelope.
    #[must_use]
    pub fn takes_envelope<Q: JsonSchema>(mut self) -> Self {
        self.request = Some((Shape::Envelope, schema_of::<Q>));
        self
    }

    /// Gives an envelope.
    #[must_use]
    pub fn gives_envelope<R: JsonSchema>(mut self) -> Self {
        self.response = Some((Shape::Envelope, Some(schema_of::<R>)));
        self
    }

    /// Takes a form.
    #[must_use]
    pub fn takes_form<Q: JsonSchema>(mut self) -> Self {
        self.request = Some((Shape::Form, schema_of::<Q>));
        self
    }

    /// A request without a body will do too.
    #[must_use]
    pub fn or_no_body(mut self) -> Self {
        self.or_no_body = true;
        self
    }

    /// Takes plain JSON.
    #[must_use]
    pub fn takes_json<Q: JsonSchema>(mut self) -> Self {
        self.request = Some((Shape::Json, schema_of::<Q>));
        self
    }

    /// Takes a body of any of these media types as it is; `image/*` stands for all images.
    #[must_use]
    pub fn takes_bytes(mut self, media: &'static [&'static str]) -> Self {
        self.bytes = media;
        self
    }

    /// Reads its body itself, piece by piece or under a limit of its own: `http::limits` does not.
    #[must_use]
    pub fn streams(mut self) -> Self {
        self.streams = true;
        self
    }

    /// Takes query parameters, beside whatever body.
    #[must_use]
    pub fn takes_query<Q: JsonSchema>(mut self) -> Self {
        self.query = Some(Q::json_schema);
        self
    }

    /// Gives plain JSON.
    #[must_use]
    pub fn gives_json<R: JsonSchema>(mut self) -> Self {
        self.response = Some((Shape::Json, Some(schema_of::<R>)));
        self
    }

    /// Makes something, and gives plain JSON about it: 201.
    #[must_use]
    pub fn gives_made<R: JsonSchema>(mut self) -> Self {
        self.good = 201;
        self.gives_json::<R>()
    }

    /// Makes something, and gives nothing about it: 201.
    #[must_use]
    pub fn makes(mut self) -> Self {
        self.good = 201;
        self
    }

    /// Gives nothing: 204.
    #[must_use]
    pub fn gives_nothing(mut self) -> Self {
        self.good = 204;
        self
    }

    /// May give this instead, with a status of its own and plain JSON.
    #[must_use]
    pub fn or_gives_json<R: JsonSchema>(mut self, status: u16, meaning: &'static str) -> Self {
        self.others.push((status, meaning, Some(schema_of::<R>)));
        self
    }

    /// May give nothing instead, with a status of its own.
    #[must_use]
    pub fn or_gives_nothing(mut self, status: u16, meaning: &'static str) -> Self {
        self.others.push((status, meaning, None));
        self
    }

    /// Gives something that is not JSON; or, after [`Doc::gives_json`] or itself, gives this too.
    #[must_use]
    pub fn gives(mut self, media: &'static str) -> Self {
        if self.response.is_some() {
            self.also.push(media);
        } else {
            self.response = Some((Shape::Media(media), None));
        }
        self
    }

    /// Gives a page, or sends the browser on; refusals are pages too.
    #[must_use]
    pub fn page(self, where_to: &'static str) -> Self {
        self.gives("text/html").status(303, where_to)
    }

    /// Refuses with OAuth's `{error, error_description}`.
    #[must_use]
    pub fn oauth(mut self) -> Self {
        self.refusal = Some(Refusal::OAuth);
        self
    }

    /// Refuses with a page or with OAuth's `{error, error_description}`.
    #[must_use]
    pub fn page_or_oauth(mut self) -> Self {
        self.refusal = Some(Refusal::PageOrOAuth);
        self
    }

    /// Refuses whatever is sent: what it would do is not built.
    #[must_use]
    pub fn refuses(mut self) -> Self {
        self.refuses = true;
        self
    }

    /// May answer with this status too, and the same kind of body as a good answer.
    #[must_use]
    pub fn alike(mut self, status: u16) -> Self {
        self.alike = Some(status);
        self
    }

    /// May answer with this status too.
    #[must_use]
    pub fn status(mut self, status: u16, meaning: &'static str) -> Self {
        self.statuses.push((status, meaning));
        self
    }

    /// Looks at this header.
    #[must_use]
    pub fn header(mut self, name: &'static str, required: bool, meaning: &'static str) -> Self {
        self.headers.push((name, required, meaning));
        self
    }

    /// An example of what it takes: of an envelope its `request`.
    #[must_use]
    pub fn example(mut self, example: fn() -> Value) -> Self {
        self.example = Some(example);
        self
    }

    /// Refuses with `{code, message}`, as OSIA's interfaces do.
    #[must_use]
    pub fn osia(mut self) -> Self {
        self.refusal = Some(Refusal::Osia);
        self
    }

    /// Demands a bearer token with one of these scopes; see [`Routes::into_router`].
    #[must_use]
    pub fn scopes(mut self, scopes: &'static [&'static str]) -> Self {
        self.need = Some(Need::Scope(scopes));
        self.status(401, "no or no good bearer token").status(403, "the token lacks the scope")
    }

    /// Demands a bearer token with a scope whose name depends on the path; the handler asks for it.
    #[must_use]
    pub fn named_scope(mut self, scope: &'static str) -> Self {
        self.need = Some(Need::NamedScope(scope));
        self.status(401, "no or no good bearer token").status(403, "the token lacks the scope")
    }

    /// Demands a bearer token with this scope where the configuration says so; the handler asks for it.
    #[must_use]
    pub fn maybe_scope(mut self, scope: &'static str) -> Self {
        self.need = Some(Need::MaybeScope(scope));
        self.status(403, "the token lacks the scope")
    }

    /// Demands a person's access token.
    #[must_use]
    pub fn login(mut self) -> Self {
        self.need = Some(Need::Login);
        self.status(401, "no or no good access token").status(403, "the token is not of a login with scope openid")
    }

    /// Demands the CSRF cookie and the header that repeats it.
    #[must_use]
    pub fn csrf(mut self) -> Self {
        self.need = Some(Need::Csrf);
        self.status(403, NO_CSRF)
    }

    /// Demands the CSRF cookie and the form's field that repeats it.
    #[must_use]
    pub fn csrf_form(mut self) -> Self {
        self.need = Some(Need::CsrfForm);
        self.status(403, NO_CSRF)
    }

    /// Demands the browser's own cookie, for a call that only reads.
    #[must_use]
    pub fn cookie(mut self) -> Self {
        self.need = Some(Need::Cookie);
        self.status(403, "the browser's cookie is missing or foreign")
    }

    /// Demands the header by which a bound wallet signs its calls.
    #[must_use]
    pub fn wallet(mut self) -> Self {
        self.need = Some(Need::Wallet);
        self
    }

    /// The same, where the body does not say by itself who signed it.
    #[must_use]
    pub fn maybe_wallet(mut self) -> Self {
        self.need = Some(Need::MaybeWallet);
        self
    }

    fn scopes_needed(&self) -> Option<&'static [&'static str]> {
        if let Some(Need::Scope(scopes)) = self.need { Some(scopes) } else { None }
    }

    /// How it refuses: as it was said, else as its bodies suggest.
    fn refusal(&self) -> Refusal {
        let envelope = |shape: Option<Shape>| shape == Some(Shape::Envelope);
        let (takes, gives) = (self.request.map(|(shape, _)| shape), self.response.map(|(shape, _)| shape));
        self.refusal.unwrap_or(match gives {
            _ if envelope(takes) || envelope(gives) => Refusal::Envelope,
            Some(Shape::Media("text/html")) => Refusal::Page,
            _ => Refusal::Bare,
        })
    }
}

const NO_CSRF: &str = "the CSRF token is missing, foreign or not the cookie's";

//! Routes, each with its handler and its [`Doc`].

use axum::Router;
use axum::handler::Handler;
use axum::routing::{MethodFilter, MethodRouter, on};

use super::Doc;
use crate::state::AppState;

/// Routes that remember what each is for.
#[derive(Default)]
pub struct Routes(pub(super) Vec<Operation>);

/// One of them.
pub(super) struct Operation {
    pub(super) verb: &'static str,
    pub(super) path: &'static str,
    pub(super) doc: Doc,
    handler: MethodRouter<AppState>,
}

macro_rules! verbs {
    ($($verb:ident = $filter:ident),*) => { $(
        #[doc = concat!("Serves `", stringify!($verb), "` on a path.")]
        #[must_use]
        pub fn $verb<H: Handler<T, AppState>, T: 'static>(mut self, path: &'static str, handler: H, doc: Doc) -> Self {
            let handler = on(MethodFilter::$filter, handler);
            self.0.push(Operation { verb: stringify!($verb), path, doc, handler });
            self
        }
    )* };
}

impl Routes {
    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    verbs!(get = GET, post = POST, put = PUT, patch = PATCH, delete = DELETE);

    /// Adds another set of routes on the same paths.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// Whole paths of all routes.
    pub fn paths(&self, prefix: &str) -> impl Iterator<Item = String> {
        self.0.iter().map(move |operation| format!("{prefix}{}", operation.path))
    }

    /// Verbs and whole paths of the routes that read their bodies themselves ([`Doc::streams`]).
    pub fn streamed(&self, prefix: &str) -> Vec<(&'static str, String)> {
        let streamed = self.0.iter().filter(|operation| operation.doc.streams);
        streamed.map(|operation| (operation.verb, format!("{prefix}{}", operation.path))).collect()
    }

    /// The router, with every path below `prefix`. `guard` is laid over each route whose [`Doc`] demands a scope, so that
    /// what the document says and what is asked for are one line.
    pub fn into_router(
        self,
        prefix: &str,
        guard: impl Fn(&'static [&'static str], MethodRouter<AppState>) -> MethodRouter<AppState>,
    ) -> Router<AppState> {
        self.0.into_iter().fold(Router::new(), |router, Operation { path, doc, handler, .. }| {
            let handler = if let Some(scopes) = doc.scopes_needed() { guard(scopes, handler) } else { handler };
            router.route(&format!("{prefix}{path}"), handler)
        })
    }
}

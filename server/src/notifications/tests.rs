//! Subscribers as they see it: calls over HTTP, and a server of their own that is told.

mod audiences;
mod calls;
mod commands;
mod consents;
mod delivering;
mod kit;
mod rehashing;

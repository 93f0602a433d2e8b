//! What other servers hold, brought over: `tessera import`. Each row is taken over or refused with its reason; none is
//! lost silently, and what is here already is never changed, so that an import can be run again.

pub mod cli;
mod csv;
mod esignet;
mod report;
mod run;

#[cfg(test)]
mod tests;

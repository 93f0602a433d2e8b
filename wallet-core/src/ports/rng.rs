//! Randomness comes in, so that tests can seed it.

/// The source of randomness failed; nothing secret may be made now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no randomness")]
pub struct RngError;

/// Gives bytes nobody can predict.
pub trait Rng: Send + Sync {
    /// Fills the buffer. Errors: [`RngError`] where the source fails; the buffer must then not be used.
    fn fill(&self, buffer: &mut [u8]) -> Result<(), RngError>;
}

/// The operating system's generator.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemRng;

impl Rng for SystemRng {
    #[expect(clippy::disallowed_methods, reason = "the one place where randomness enters the wallet")]
    fn fill(&self, buffer: &mut [u8]) -> Result<(), RngError> {
        getrandom::fill(buffer).map_err(|_| RngError)
    }
}

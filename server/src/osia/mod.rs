//! What OSIA's interfaces have in common, whatever they are for: how they refuse (`{code, message}`), the parameters of
//! their queries with the required `transactionId`, strict JSON bodies, merge patches, and search expressions.

pub mod birth;
pub mod body;
mod expression;
mod merge_patch;
mod parameters;
mod refusal;
mod strict;
pub mod twice;

pub use expression::{Expression, MOST_EXPRESSIONS, Operand, Operator};
pub use merge_patch::merged;
pub use parameters::{Page, Parameters, Transaction};
pub use refusal::{Refusal, answer, worded};
pub use strict::{Strict, repeated};

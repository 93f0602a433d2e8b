//! What wallet and server must agree on to the byte.

//! A `Debug` for types that carry secrets or personal data: the name of the type, nothing of its content.

/// Implements `Debug` for each type named so that only the type's name is printed. Logs and panic messages are made
/// from `Debug`, so what it does not print cannot leak there.
macro_rules! redacted_debug {
    ($($name:ident),+ $(,)?) => {$(
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }
    )+};
}

pub(crate) use redacted_debug;

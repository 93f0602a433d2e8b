//! Software keys and HTTP for desktops and tests.

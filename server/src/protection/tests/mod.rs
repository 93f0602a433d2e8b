//! Protection, tested.

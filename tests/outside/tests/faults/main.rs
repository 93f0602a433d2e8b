//! What breaks around the server (F1 to F12, L4, L5): power, disk, database, clock, network, descriptors. Whatever happens,
//! nothing acknowledged is lost, nothing serves twice, nobody is answered with a 5xx but 503, nothing panics, and the next
//! good request works without a restart. Times are printed; limits on them are generous, for a busy machine.

mod clock;
mod disk;
mod nodes;
mod odd_requests;
mod polls;
mod postgres;
mod power_cut;
mod slow_clients;
mod slow_database;
mod stop;

/// How often the faults that need luck are tried; `TESTS_FAULT_ROUNDS`.
fn rounds() -> usize {
    std::env::var("TESTS_FAULT_ROUNDS").map_or(3, |text| text.parse().expect("TESTS_FAULT_ROUNDS is a number"))
}

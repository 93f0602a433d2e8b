//! What holds in every state.

use std::time::Instant;

use model::{Abilities, Channel, HONEST, ONE, P1, P2, Protections, REFUSED, World};
use stateright::{Checker, Model};

fn proven(world: World) -> usize {
    let began = Instant::now();
    let checker = world.checker().threads(2).spawn_bfs().join();
    for property in [P1, P2, ONE] {
        checker.assert_no_discovery(property);
    }
    for property in [HONEST, REFUSED] {
        checker.assert_any_discovery(property);
    }
    let states = checker.unique_state_count();
    println!("{states} states, {} steps deep, {:?}", checker.max_depth(), began.elapsed());
    states
}

#[test]
fn p1_and_p2_hold_across_devices_against_all_but_a_live_relay_of_the_number() {
    proven(World {
        attacker_channels: vec![Channel::CrossDevice, Channel::SameDevice],
        ..World::new(Protections::ALL, Abilities::ALL_BUT_LIVE_NUMBER)
    });
}

/// Where a code is shown only after a first factor, also against a live relay of frames and number, unless a factor of the
/// citizen's was phished.
#[test]
fn p1_and_p2_hold_after_a_first_factor_against_a_live_relay_too() {
    let on = Protections { first_factor: true, ..Protections::ALL };
    proven(World::new(on, Abilities { relays_number: true, ..Abilities::ALL_BUT_LIVE_NUMBER }));
}

#[test]
fn p1_and_p2_hold_on_the_same_device_against_all_but_a_live_relay_of_the_number() {
    proven(World {
        citizen_channels: vec![Channel::SameDevice],
        attacker_channels: vec![Channel::CrossDevice, Channel::SameDevice],
        ..World::new(Protections::ALL, Abilities::ALL_BUT_LIVE_NUMBER)
    });
}

#[test]
fn p1_and_p2_hold_where_the_attacker_begins_at_another_relying_party() {
    let attacker = Abilities { reads_fresh_tokens: false, sees_screen: false, ..Abilities::ALL_BUT_LIVE_NUMBER };
    proven(World { other_parties: true, ..World::new(Protections::ALL, attacker) });
}

#[test]
fn p1_and_p2_hold_whatever_comes_between_reading_and_writing() {
    proven(World { interleaved: true, steps: 1, ..World::new(Protections::ALL, Abilities::ALL_BUT_LIVE_NUMBER) });
}

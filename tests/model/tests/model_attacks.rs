//! Each protection switched off lets the attack through that it is for, and switched on again stops the same attacker.

use std::collections::BTreeSet;

use model::{Abilities, Channel, Event, ONE, P1, P2, Protections, World};
use stateright::{Checker, HasDiscoveries, Model};

/// The shortest way to break a property.
fn broken(world: &World, property: &'static str) -> Option<Vec<Event>> {
    let checker =
        world.clone().checker().finish_when(HasDiscoveries::AnyOf(BTreeSet::from([property]))).spawn_bfs().join();
    checker.discovery(property).map(|path| path.into_actions())
}

/// The attack is there with `off`, and gone with `on`.
#[track_caller]
fn only_without(off: &World, on: &World, property: &'static str) {
    let path = broken(off, property).expect("the attack was not found");
    println!("{property}:");
    path.iter().for_each(|event| println!("  {event:?}"));
    assert_eq!(broken(on, property), None, "the protection does not stop it");
}

fn able(change: impl Fn(&mut Abilities)) -> Abilities {
    let mut abilities = Abilities::NONE;
    change(&mut abilities);
    abilities
}

fn without(change: impl Fn(&mut Protections)) -> Protections {
    let mut on = Protections::ALL;
    change(&mut on);
    on
}

#[test]
fn without_frames_a_relayed_picture_logs_the_attacker_in() {
    let attacker = able(|a| a.sends_picture = true);
    let no_number = without(|on| on.number = false);
    let neither = Protections { frames: false, ..no_number };
    only_without(&World::new(neither, attacker), &World::new(no_number, attacker), P2);
}

#[test]
fn without_the_number_a_relayed_frame_logs_the_attacker_in() {
    let attacker = able(|a| (a.sends_picture, a.relays_frames) = (true, true));
    let off = World::new(without(|on| on.number = false), attacker);
    only_without(&off, &World::new(Protections::ALL, attacker), P2);
}

/// What remains: frames and number shown to a victim as they change, who types the number. Only nearness that cannot be
/// relayed ends it.
#[test]
fn a_live_relay_of_frames_and_number_is_the_stated_residual_risk() {
    let attacker = able(|a| (a.relays_frames, a.relays_number) = (true, true));
    let off = World::new(Protections::ALL, attacker);
    only_without(&off, &World::new(without(|on| on.true_nearness = true), attacker), P2);
    // The victim did approve, on a screen that named the relying party.
    assert_eq!(broken(&off, P1), None);
}

/// `after_first_factor`: who has a factor of his own only gets a code that no other wallet goes on with, be it relayed live
/// with its number.
#[test]
fn without_a_first_factor_a_relayed_code_logs_the_attacker_in() {
    let attacker = able(|a| (a.sends_picture, a.relays_frames, a.relays_number) = (true, true, true));
    let on = World::new(without(|on| on.first_factor = true), attacker);
    let off = World::new(Protections::ALL, attacker);
    only_without(&off, &on, P2);
    // A mount that has neither frames nor number, and wallets that name no key.
    let bare = without(|on| (on.frames, on.number, on.named_key) = (false, false, false));
    let on = World::new(Protections { first_factor: true, ..bare }, attacker);
    only_without(&World::new(bare, attacker), &on, P2);
}

/// The code alone after a factor is not enough: the attacker types his own, and relays the code.
#[test]
fn without_its_person_a_first_factor_of_the_attackers_own_will_do() {
    let attacker = able(|a| (a.relays_frames, a.relays_number) = (true, true));
    let on = World::new(without(|on| on.first_factor = true), attacker);
    let off = World { on: Protections { first_factor_binds: false, ..on.on }, ..on.clone() };
    only_without(&off, &on, P2);
}

/// What remains of it: a factor can be phished, and then a live relay is as good as before.
#[test]
fn a_phished_factor_and_a_live_relay_are_the_stated_residual_risk() {
    let attacker = able(|a| (a.relays_frames, a.relays_number, a.phishes_factor) = (true, true, true));
    let off = World::new(without(|on| on.first_factor = true), attacker);
    let on = World::new(without(|on| (on.first_factor, on.true_nearness) = (true, true)), attacker);
    only_without(&off, &on, P2);
    assert_eq!(broken(&off, P1), None);
}

#[test]
fn without_the_return_to_the_browser_a_sent_link_fixes_the_session() {
    let attacker = able(|a| a.sends_picture = true);
    let on = World { attacker_channels: vec![Channel::SameDevice], ..World::new(Protections::ALL, attacker) };
    let off = World { on: without(|on| on.return_to_browser = false), ..on.clone() };
    only_without(&off, &on, P2);
}

#[test]
fn l6_without_a_named_key_another_wallet_takes_over() {
    let attacker = able(|a| a.reads_ids = true);
    // Whoever learned the ids agrees to other claims, unsigned.
    let (off, on) = (World::new(without(|on| on.named_key = false), attacker), World::new(Protections::ALL, attacker));
    only_without(&off, &on, P1);
    // Where no number is asked, he logs the citizen's browser in as himself.
    let on = without(|on| on.number = false);
    let off = Protections { named_key: false, ..on };
    only_without(&World::new(off, attacker), &World::new(on, attacker), P2);
}

#[test]
fn l8_a_used_token_of_the_old_form_is_replayed_unless_each_is_taken_once() {
    let attacker = able(|a| a.reads_used_tokens = true);
    // What a compatibility mount has.
    let on = without(|on| (on.frames, on.number) = (false, false));
    let on = World { legacy_wallet: true, ..World::new(on, attacker) };
    let off = World { on: Protections { token_once: false, ..on.on }, ..on.clone() };
    only_without(&off, &on, P1);
}

/// The weakness of the old form: it says nothing of the login, so that whoever sends it first is let in.
#[test]
fn l8_a_stolen_token_of_the_old_form_is_a_stated_residual_risk() {
    let attacker = able(|a| a.reads_fresh_tokens = true);
    let old = World { legacy_wallet: true, ..World::new(without(|on| on.number = false), attacker) };
    let native = World { legacy_wallet: false, ..old.clone() };
    only_without(&old, &native, P1);
}

#[test]
fn l8_a_token_that_names_no_login_is_replayed_in_another() {
    let attacker = able(|a| (a.reads_fresh_tokens, a.reads_used_tokens) = (true, true));
    let on = without(|on| (on.number, on.token_once) = (false, false));
    let off = Protections { bound_token: false, ..on };
    // Bound to its login, it is not even a danger where it is taken twice.
    only_without(&World::new(off, attacker), &World::new(on, attacker), P1);
}

#[test]
fn without_conditional_updates_two_wallets_claim_one_code() {
    let attacker = able(|a| a.sees_screen = true);
    let world = |on| World { interleaved: true, steps: 1, ..World::new(on, attacker) };
    let off = world(without(|on| (on.conditional_claim, on.conditional_save) = (false, false)));
    only_without(&off, &world(Protections::ALL), ONE);
    only_without(&off, &world(Protections::ALL), P2);
    // Each of the two conditions would do.
    assert_eq!(broken(&world(without(|on| on.conditional_save = false)), P2), None);
    assert_eq!(broken(&world(without(|on| on.conditional_claim = false)), ONE), None);
}

#[test]
fn without_the_conditional_save_two_polls_get_two_codes() {
    let world = |on| World { interleaved: true, steps: 0, ..World::new(on, Abilities::NONE) };
    only_without(&world(without(|on| on.conditional_save = false)), &world(Protections::ALL), ONE);
}

#[test]
fn e6_without_the_bound_browser_another_collects_the_code() {
    let attacker = able(|a| a.reads_ids = true);
    let off = World::new(without(|on| on.bound_browser = false), attacker);
    only_without(&off, &World::new(Protections::ALL, attacker), P2);
}

#[test]
fn l9_without_checked_signatures_a_consent_is_altered_under_the_old_one() {
    let attacker = able(|a| a.alters_consent = true);
    let off = World::new(without(|on| on.checked_consent = false), attacker);
    only_without(&off, &World::new(Protections::ALL, attacker), P1);
}

#[test]
fn without_the_name_on_the_screen_another_relying_party_is_approved() {
    let attacker = able(|a| (a.relays_frames, a.relays_number) = (true, true));
    let on = World { other_parties: true, ..World::new(Protections::ALL, attacker) };
    let off = World { on: without(|on| on.shown_party = false), ..on.clone() };
    only_without(&off, &on, P1);
}

//! Series that nobody holds and that do not change are removed, and no others.

use std::time::Duration;

use metrics::{counter, gauge, histogram, with_local_recorder};
use tower_watch::layers::clock::{Clock, FakeClock};
use tower_watch::registers::{Format, Registers};

const MINUTE: Duration = Duration::from_secs(60);

/// Registers where series of a tenant expire after ten minutes.
fn registers() -> (Registers, FakeClock) {
    let (clock, hand) = Clock::fake();
    let registers = Registers::builder().expire_idle("tenant", 10 * MINUTE).clock(clock).build();
    (registers.expect("the settings are right"), hand)
}

fn render(registers: &Registers) -> String {
    registers.render(Format::Text)
}

#[test]
fn an_idle_series_of_each_type_goes_and_comes_back_from_zero() {
    let (registers, hand) = registers();
    let record = || {
        with_local_recorder(&registers, || {
            counter!("jobs_total", "tenant" => "a").increment(1);
            gauge!("level", "tenant" => "a").set(1.0);
            histogram!("size", "tenant" => "a").record(1.0);
        });
    };
    record();
    let id = |registers: &Registers| registers.snapshot().iter().next().expect("there is one").key.id();
    let before = id(&registers);
    render(&registers);
    hand.advance(10 * MINUTE - Duration::from_secs(1));
    render(&registers);
    assert_eq!(registers.snapshot().series_count(), 3, "not idle long enough");
    hand.advance(MINUTE);
    assert_eq!(render(&registers), "");
    assert_eq!(registers.snapshot().series_count(), 0);
    record();
    assert_eq!(registers.snapshot().counter("jobs_total", &[]), 1);
    assert_ne!(id(&registers), before, "it is another series for those who sample it");
}

#[test]
fn what_changes_stays() {
    let (registers, hand) = registers();
    for round in 0..30 {
        with_local_recorder(&registers, || {
            counter!("jobs_total", "tenant" => "busy").increment(1);
            gauge!("level", "tenant" => "busy").set(round);
            histogram!("size", "tenant" => "busy").record(1.0);
        });
        render(&registers);
        hand.advance(5 * MINUTE);
    }
    assert_eq!(registers.snapshot().series_count(), 3);
    assert_eq!(registers.snapshot().counter("jobs_total", &[]), 30);
}

#[test]
fn what_somebody_holds_stays_and_loses_nothing() {
    let (registers, hand) = registers();
    let held = with_local_recorder(&registers, || {
        (
            counter!("jobs_total", "tenant" => "a"),
            gauge!("level", "tenant" => "a"),
            histogram!("size", "tenant" => "a"),
        )
    });
    for _ in 0..5 {
        render(&registers);
        hand.advance(60 * MINUTE);
    }
    held.0.increment(1);
    held.1.set(1.0);
    held.2.record(1.0);
    assert_eq!(registers.snapshot().series_count(), 3);
    assert_eq!(registers.snapshot().counter("jobs_total", &[]), 1);
    drop(held);
    render(&registers);
    hand.advance(10 * MINUTE);
    assert_eq!(render(&registers), "");
}

#[test]
fn what_does_not_carry_the_label_itself_stays() {
    let (clock, hand) = Clock::fake();
    let registers = Registers::builder()
        .global_label("tenant", "everybody")
        .expire_idle("tenant", MINUTE)
        .clock(clock)
        .build()
        .expect("the settings are right");
    with_local_recorder(&registers, || {
        counter!("jobs_total").increment(1);
        counter!("jobs_total", "tenant_name" => "a").increment(1);
        counter!("jobs_total", "tenant" => "a").increment(1);
    });
    render(&registers);
    hand.advance(60 * MINUTE);
    render(&registers);
    assert_eq!(registers.snapshot().series_count(), 2);
}

#[test]
fn nothing_expires_unless_it_is_asked_for() {
    let (clock, hand) = Clock::fake();
    let registers = Registers::builder().clock(clock).build().expect("the settings are right");
    with_local_recorder(&registers, || counter!("jobs_total", "tenant" => "a").increment(1));
    render(&registers);
    hand.advance(1_000_000 * MINUTE);
    render(&registers);
    assert_eq!(registers.snapshot().series_count(), 1);
    assert_eq!(registers.sweep_idle(), 0);
}

#[test]
fn a_new_series_makes_room_too() {
    let (registers, hand) = registers();
    let make = |tenant: &'static str| {
        with_local_recorder(&registers, || counter!("jobs_total", "tenant" => tenant).increment(1));
    };
    make("a");
    hand.advance(MINUTE);
    make("b");
    hand.advance(10 * MINUTE);
    make("b");
    assert_eq!(registers.snapshot().series_count(), 2, "no series was made");
    make("c");
    let snapshot = registers.snapshot();
    assert_eq!(snapshot.counter("jobs_total", &[("tenant", "a")]), 0);
    assert_eq!(snapshot.series_count(), 2);
}

#[test]
fn a_sweep_comes_at_most_once_a_minute() {
    let (clock, hand) = Clock::fake();
    let registers = Registers::builder().expire_idle("tenant", Duration::from_secs(1)).clock(clock).build();
    let registers = registers.expect("the settings are right");
    with_local_recorder(&registers, || counter!("jobs_total", "tenant" => "a").increment(1));
    hand.advance(MINUTE);
    render(&registers);
    hand.advance(Duration::from_secs(59));
    assert_eq!(registers.sweep_idle(), 0);
    assert_eq!(registers.snapshot().series_count(), 1);
    hand.advance(Duration::from_secs(1));
    assert_eq!(registers.sweep_idle(), 1);
    assert_eq!(registers.snapshot().series_count(), 0);
}

#[test]
fn a_handle_with_branches_holds_too() {
    let (clock, hand) = Clock::fake();
    let registers = Registers::builder()
        .branch(Registers::new())
        .expire_idle("tenant", MINUTE)
        .clock(clock)
        .build()
        .expect("the settings are right");
    let held = with_local_recorder(&registers, || counter!("jobs_total", "tenant" => "a"));
    render(&registers);
    hand.advance(10 * MINUTE);
    render(&registers);
    held.increment(1);
    assert_eq!(registers.snapshot().counter("jobs_total", &[]), 1);
}

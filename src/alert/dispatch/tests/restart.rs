//! Killed, and started again; or told to go on with other routes.

use crate::alert::dispatch::Additions;
use crate::alert::dispatch::tests::stage::{Stage, child, ear, labels, receiver, routing};
use crate::alert::{Alert, Source, Status};

fn stage() -> Stage {
    Stage::on_disk(routing(), Additions::default())
}

#[test]
fn nothing_is_said_twice_and_the_next_time_is_the_same() {
    let mut stage = stage();
    stage.fire("alertname=Down");
    stage.pass(20);
    assert_eq!(stage.take(), ["10 all/ear[0] news +Down"]);
    stage.restart(25);
    stage.fire("alertname=Down host=b");
    stage.pass(24);
    assert_eq!(stage.take(), [""; 0]);
    stage.pass(1);
    assert_eq!(stage.take(), ["70 all/ear[0] news +Down +Down/b"]);
    stage.restart(3_600);
    stage.pass(60);
    assert_eq!(stage.take(), ["3730 all/ear[0] repeat +Down +Down/b"]);
}

#[test]
fn who_waits_goes_on_waiting() {
    let mut stage = stage();
    stage.fire("alertname=Down");
    stage.pass(4);
    stage.restart(3);
    stage.pass(2);
    assert_eq!(stage.take(), [""; 0]);
    stage.pass(1);
    assert_eq!(stage.take(), ["10 all/ear[0] news +Down"]);
}

#[test]
fn an_end_that_was_not_told_yet_is_told_with_the_value_it_had() {
    let mut stage = stage();
    stage.fire("alertname=Down");
    stage.pass(20);
    let mut over = Alert::with_labels(labels("alertname=Down"));
    (over.starts_at, over.ends_at) = (stage.now - 20_000, Some(stage.now));
    (over.value, over.source) = (Some(0.25), Source::Rule);
    stage.apply(over.into());
    stage.lose("alertname=Down");
    stage.take();
    stage.open = false;
    stage.restart(10);
    stage.pass(60);
    let (target, _) = stage.targets().remove(0);
    let message = stage.deliver_one(&target).unwrap();
    let told: Vec<_> = message.alerts.iter().map(|it| (it.status, it.alert.value)).collect();
    assert_eq!(told, [(Status::Resolved, Some(0.25))]);
    stage.open = true;
    stage.restart(10);
    stage.pass(1_000);
    assert_eq!(stage.take(), [""; 0]);
    assert_eq!(stage.book.iter().count(), 0);
}

#[test]
fn what_is_gone_with_its_rule_is_over() {
    let mut stage = stage();
    stage.fire("alertname=Down host=a");
    stage.fire("alertname=Down host=b");
    stage.pass(20);
    stage.take();
    stage.lose("alertname=Down host=a");
    stage.restart(10);
    assert_eq!(stage.take(), ["30 all/ear[0] news -Down/a"]);
    stage.pass(3_700);
    assert_eq!(stage.take(), ["3670 all/ear[0] repeat +Down/b"]);
}

#[test]
fn what_code_raised_is_still_there() {
    let mut stage = stage();
    let raise = |stage: &mut Stage, end: Option<i64>| {
        let mut alert = Alert::new("Broken").annotate("summary", "it is");
        (alert.starts_at, alert.ends_at) = (stage.now, end);
        stage.apply(alert.into());
    };
    raise(&mut stage, None);
    stage.pass(20);
    stage.restart(100);
    assert_eq!(stage.book.active().next().unwrap().annotations["summary"], "it is");
    let now = stage.now;
    raise(&mut stage, Some(now));
    stage.pass(100);
    assert_eq!(stage.take(), ["10 all/ear[0] news +Broken", "130 all/ear[0] news -Broken"]);
    stage.restart(1);
    assert_eq!(stage.book.iter().count(), 0);
}

#[test]
fn after_a_change_of_routes_the_end_is_told_where_the_beginning_was() {
    let mut stage = stage();
    stage.fire("alertname=Down");
    stage.fire("alertname=Slow");
    stage.pass(20);
    stage.take();
    let mut other = routing();
    other.route.routes = vec![child(&other.route, "team", &["alertname=Down"])];
    other.receivers.push(receiver("team", [ear()]));
    stage.reload(other.clone());
    stage.pass(20);
    assert_eq!(
        stage.take(),
        ["20 team/ear[0] news +Down"],
        "it has been there for longer than its new group waits"
    );
    stage.restart(5);
    stage.end("alertname=Down");
    stage.end("alertname=Slow");
    assert_eq!(stage.take(), ["45 all/ear[0] news -Down"], "outside of any group, at once");
    stage.pass(60);
    assert_eq!(stage.take(), ["70 all/ear[0] news -Slow", "80 team/ear[0] news -Down"]);
}

#[test]
fn a_change_of_routes_leaves_those_that_stay_in_step() {
    let mut stage = stage();
    stage.fire("alertname=Down");
    stage.pass(20);
    stage.fire("alertname=Late");
    stage.pass(5);
    stage.reload(routing());
    stage.fire("alertname=Down host=b");
    stage.pass(100);
    assert_eq!(
        stage.take(),
        ["10 all/ear[0] news +Down", "30 all/ear[0] news +Late", "70 all/ear[0] news +Down +Down/b"]
    );
}

#[test]
fn a_record_that_cannot_be_read_harms_no_other() {
    use crate::alert::config::scratch::Scratch;
    use crate::alert::state::{Disk, Table, Writes};

    let folder = Scratch::new("dispatch-broken");
    let mut writes = Writes::new();
    let odd = serde_json::json!({"odd": true});
    for table in [Table::Alerts, Table::Groups, Table::Silences, Table::Acknowledgements, Table::Audit] {
        for key in ["odd", "acknowledged/zz", "acknowledged/01", "escalation/02", "7"] {
            writes.put(table, key, &odd);
        }
    }
    let disk = Disk::open(folder.path()).unwrap();
    disk.commit(writes);
    drop(disk);
    let mut stage = Stage::with(routing(), Additions::default(), Some(folder));
    stage.fire("alertname=Down");
    stage.pass(10);
    assert_eq!(stage.take(), ["10 all/ear[0] news +Down"]);
}

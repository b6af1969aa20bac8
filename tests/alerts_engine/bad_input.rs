//! What users write wrong and strangers write on purpose, and what becomes of it.

use std::time::Duration;

use tower_watch::Watch;
use tower_watch::alert::{Alert, AlertSettings, RuleHealth};

use crate::scratch::Scratch;
use crate::world::{Recorder, World};

const MINUTE: Duration = Duration::from_secs(60);

/// What a watch that is given these two files says instead of starting, without the folder that they are in.
fn said(scratch: &Scratch, rules: &str, routing: &str) -> Vec<String> {
    let settings = AlertSettings::new()
        .rules_file(scratch.file("rules.yml", rules))
        .routing_file(scratch.file("routing.yml", routing));
    let error = Watch::builder("shop").local().alerts(settings).start().expect_err("this cannot start");
    let folder = format!("{}/", scratch.path().display());
    error.problems().iter().map(|problem| problem.message().replace(&folder, "")).collect()
}

const RULES: &str = "groups: []";
const ROUTING: &str = "route: {receiver: ops}\nreceivers: [{name: ops}]\n";

#[test]
fn files_that_cannot_be_used_are_told_with_place_and_mend() {
    let scratch = Scratch::new("bad-input");
    let mut wrong = Vec::new();
    for (rules, routing, starts) in [
        ("groups: [{name: a", ROUTING, &["rules.yml:1:10: this is no YAML: "][..]),
        (
            "groups: [{name: a, rules: [{alert: Down, expr: up =, for: soon}]}]",
            ROUTING,
            &[
                "rules.yml:1:51: group \"a\", rule \"Down\": expr: ",
                "rules.yml:1:59: group \"a\", rule \"Down\": for: ",
            ],
        ),
        (
            "groups: [{name: a, rules: [{alert: Down, expr: up, annotations: {summary: '{{ .nope'}}]}]",
            ROUTING,
            &["rules.yml:1:76: group \"a\", rule \"Down\": the template of \"summary\": "],
        ),
        (RULES, "route: [", &["routing.yml:1:8: this is not YAML: "]),
        (
            RULES,
            "route: {receiver: ops, routes: &loop [{routes: *loop}]}\nreceivers: [{name: ops}]\n",
            &["routing.yml:1:48: this alias stands for something that it is part of"],
        ),
        (
            RULES,
            "route: {receiver: opz, routes: [{receiver: nobody}]}\nreceivers: [{name: ops}]\n",
            &[
                "routing.yml:1:19: route.receiver: no receiver is called \"opz\"; did you mean \"ops\"?",
                "routing.yml:1:44: route.routes[0].receiver: no receiver is called \"nobody\"; ",
            ],
        ),
        (
            RULES,
            "route: {receiver: ops}\nreceivers: [{name: ops, slack_configs: [{api_url: 'https://a.example/', title: '{{ .nope'}]}]\n",
            &["routing.yml:2:41: receivers[0].slack_configs[0]: title: "],
        ),
    ] {
        let said = said(&scratch, rules, routing);
        let is_said = said.iter().zip(starts).all(|(said, start)| said.starts_with(start));
        if !is_said || said.len() != starts.len() {
            wrong.push(format!("{}\n  expected: {}", said.join("\n"), starts.join("\n  ")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn a_threshold_that_is_never_crossed_is_refused_in_code() {
    let rule = Alert::rule("Down").when("up < 0");
    let error = Watch::builder("shop").local().alerts(AlertSettings::new().rule(rule)).start();
    let error = error.expect_err("this cannot start").to_string();
    assert!(error.contains("rule \"Down\": when: 1:1: `up < 0` can never hold"), "{error}");
}

#[test]
fn a_route_that_nothing_comes_to_starts() {
    let scratch = Scratch::new("unreachable");
    let routing = "route: {receiver: ops, routes: [{}, {match: {a: b}}]}\nreceivers: [{name: ops}]\n";
    let world = World::new(AlertSettings::new().routing_file(scratch.file("routing.yml", routing)));
    assert!(world.firing().is_empty());
}

#[tokio::test]
async fn a_rule_that_explodes_is_stopped_by_its_limit_and_says_so() {
    let scratch = Scratch::new("explodes");
    let rules = "groups: [{name: a, limit: 10, rules: [{alert: Full, expr: queue_depth > 1}]},\n  \
                 {name: b, rules: [{alert: Other, expr: absent(nothing)}]}]";
    let recorder = Recorder::new();
    let settings =
        AlertSettings::new().rules_file(scratch.file("rules.yml", rules)).receiver("ops", recorder.clone());
    let world = World::new(settings);
    metrics::with_local_recorder(world.watch.registers(), || {
        for queue in 0..11 {
            metrics::gauge!("queue_depth", "queue" => queue.to_string()).set(5.0);
        }
    });
    world.pass(2 * MINUTE).await;
    assert_eq!(
        (world.firing(), recorder.told()),
        (vec!["Other".to_owned()], vec!["firing Other".to_owned()])
    );
    let groups = world.alerts().rules();
    let RuleHealth::Bad(error) = &groups[0].rules[0].health else { panic!("{groups:?}") };
    assert!(error.contains("11") && error.contains("10"), "{error}");
}

#[tokio::test]
async fn a_text_that_fails_is_sent_with_the_error_in_its_place() {
    let rule = Alert::rule("Full")
        .when("queue_depth > 1")
        .annotate("summary", "{{ query \"nothing\" | first | value }} of {{ $value }}")
        .annotate("description", "{{ $labels.who }} waits");
    let world = World::new(AlertSettings::new().rule(rule).receiver("ops", Recorder::new()));
    metrics::with_local_recorder(world.watch.registers(), || {
        metrics::gauge!("queue_depth", "who" => "<!channel>\r\nBcc: a@b").set(5.0);
    });
    world.pass(MINUTE).await;
    let active = world.alerts().active();
    let annotations = &active[0].annotations;
    assert!(annotations["summary"].starts_with("<error expanding template: 1:"), "{annotations:?}");
    assert!(annotations["description"].ends_with(" waits"), "{annotations:?}");
}

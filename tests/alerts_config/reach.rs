//! Routes that no alert comes to.

use tower_watch::alert::config::Routing;

fn warnings(routes: &str) -> Vec<String> {
    let text = format!("route: {{receiver: a, routes: [{routes}]}}\nreceivers: [{{name: a}}]\n");
    Routing::from_yaml(&text).unwrap().warnings().iter().map(ToString::to_string).collect()
}

#[test]
fn what_a_sibling_takes_first_is_told() {
    for (routes, first) in [
        ("{}, {match: {a: b}}", Some(0)),
        ("{match: {a: b}}, {match: {a: b}}", Some(0)),
        ("{match: {a: b}}, {match: {a: b, c: d}}", Some(0)),
        ("{match_re: {a: 'b|c'}}, {match: {a: b}}", Some(0)),
        ("{matchers: ['a!=x']}, {match: {a: b}}", Some(0)),
        ("{match: {x: y}}, {match_re: {a: .*}}, {match: {a: b}}", Some(1)),
        ("{match: {a: b}, continue: true}, {match: {a: b}}", None),
        ("{match: {a: b, c: d}}, {match: {a: b}}", None),
        ("{match: {a: b}}, {match_re: {a: b.*}}", None),
        ("{match_re: {a: b.*}}, {match_re: {a: bc.*}}", None),
        ("{match: {a: b}}, {match: {c: d}}", None),
    ] {
        let told = warnings(routes);
        match first {
            None => assert!(told.is_empty(), "{routes}: {told:?}"),
            Some(first) => {
                assert_eq!(told.len(), 1, "{routes}: {told:?}");
                let said = format!(
                    "no alert comes to this route: routes[{first}] before it takes all that it matches; "
                );
                assert!(told[0].contains(&said), "{routes}: {told:?}");
            }
        }
    }
}

#[test]
fn what_a_parent_excludes_is_told() {
    let told = warnings(
        "{match: {a: b}, routes: [{match: {a: c}, routes: [{match: {x: y}}]}, {match_re: {a: 'x|b'}}]}",
    );
    assert_eq!(
        told,
        [
            r#"1:56: route.routes[0].routes[0]: no alert comes to this route: a="b" and a="c" exclude each other"#
        ]
    );
    let told = warnings("{match: {a: b}, routes: [{matchers: ['a!~\"b|c\"']}]}");
    assert_eq!(told.len(), 1, "{told:?}");
    let told = warnings("{match: {a: b}, routes: [{match: {a: b}}]}");
    assert!(told.is_empty(), "{told:?}");
}

#[test]
fn months_that_never_come_are_told() {
    let text = "route: {receiver: a}\nreceivers: [{name: a}]\ntime_intervals: [{name: x, time_intervals: [{months: ['13', '12:13']}]}]";
    let routing = Routing::from_yaml(text).unwrap();
    let told: Vec<String> = routing.warnings().iter().map(ToString::to_string).collect();
    let key = "time_intervals[0].time_intervals[0].months[0]";
    assert_eq!(told, [format!("3:55: {key}: no month has this number, so this is never; write 1 to 12")]);
}

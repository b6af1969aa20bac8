//! What `--check` does to the shop and to its files.

use std::net::SocketAddr;

use axum::http::{Request, StatusCode};

use crate::burst::burst;
use crate::files::Files;
use crate::office::{Office, say};
use crate::support::{Client, Result};

const ONE_MORE: &str = "  - name: more
    interval: 1s
    rules: [{alert: PaymentsSeen, expr: sum(shop_payments_total) > 0, labels: {severity: low}}]
";

pub(crate) async fn check(shop: Client, admin: Option<SocketAddr>, office: Office, files: &Files) -> Result {
    let admin = Client::new(admin.ok_or("there is an admin listener")?);
    let burst = tokio::spawn(burst(shop));
    office.wait_for("slack: #a30200 FIRING: PaymentsFail, ").await?;
    // Nobody acknowledges it, so it goes one step up.
    office.wait_for("pagerduty: trigger ").await?;
    // What it brings about is no news beside it.
    let reasons = admin.get("/api/alerts/explain?filter=alertname=ErrorsSeen").await?;
    let reasons = reasons.json()?;
    let reason = reasons[0]["explanation"].as_str().ok_or("ErrorsSeen fires")?;
    say(reason);
    assert!(reason.contains(" inhibits it"), "{reason}");

    // Two mistakes in two files, and one good change: nothing of it counts.
    let rules = rules(&admin).await?;
    files.edit("rules.yml", "> 0.05", "> > 0.05")?;
    files.edit("rules.yml", "ErrorsSeen", "ErrorsFound")?;
    files.edit("routing.yml", "receiver: on-call", "receiver: on-cal")?;
    let refused = reload(&admin).await?;
    say(&refused.1);
    assert_eq!(refused.0, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(refused.1.contains("rules.yml:11:"), "{}", refused.1);
    assert!(refused.1.contains("routing.yml:9:17: route.routes[0].receiver: "), "{}", refused.1);
    assert_eq!(self::rules(&admin).await?, rules);

    // Mended, and with one rule more. Nobody is asked to look: it is noticed.
    files.edit("routing.yml", "receiver: on-cal\n", "receiver: on-call\n")?;
    files.edit("rules.yml", "> > 0.05", "> 0.05")?;
    files.edit("rules.yml", "ErrorsFound", "ErrorsSeen")?;
    std::fs::write(files.path("rules-more.yml"), format!("groups:\n{ONE_MORE}"))?;
    office.wait_for("webhook: firing PaymentsSeen").await?;
    assert_eq!(self::rules(&admin).await?, [vec!["PaymentsSeen".to_owned()], rules].concat());

    burst.abort();
    for expected in ["slack: #2eb67d RESOLVED: PaymentsFail, ", "pagerduty: resolve "] {
        office.wait_for(expected).await?;
    }
    // What fired went on firing through all of it: nobody heard of it twice.
    for expected in ["slack: #a30200 FIRING", "pagerduty: trigger", "slack: #2eb67d", "pagerduty: resolve"] {
        let times = office.got().iter().filter(|line| line.starts_with(expected)).count();
        assert_eq!(times, 1, "{expected}: {:#?}", office.got());
    }
    Ok(())
}

/// What the watch answers when it is told to read its files again.
async fn reload(admin: &Client) -> Result<(StatusCode, String)> {
    let answer = admin.send(Request::post("/-/reload"), "").await?;
    Ok((answer.status, answer.json()?.as_str().unwrap_or_default().to_owned()))
}

/// The names of all rules, in their order.
async fn rules(admin: &Client) -> Result<Vec<String>> {
    let answer = admin.get("/api/v1/rules").await?.json()?;
    let groups = answer["data"]["groups"].as_array().into_iter().flatten();
    let rules = groups.flat_map(|group| group["rules"].as_array().into_iter().flatten());
    Ok(rules.filter_map(|rule| rule["name"].as_str()).map(str::to_owned).collect())
}

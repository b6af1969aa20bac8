//! Where an example's admin listener listens.

use tower_watch::http::Admin;

use super::Result;
use super::args::Args;

/// At its usual place, or on a free port where the application takes one too.
pub(crate) fn admin() -> Result<Admin> {
    let admin = Admin::new();
    let any = Args::parse()?.addr().ends_with(":0");
    Ok(if any { admin.with_address(([127, 0, 0, 1], 0)) } else { admin })
}

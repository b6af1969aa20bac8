//! A part of the groups at a time.

use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use crate::alert::{GroupStatus, RuleStatus};
use crate::http::query_api::answer::ApiError;
use crate::http::query_api::form::Form;

/// A group, and those of its rules that are asked for.
pub(crate) type Found<'a> = (&'a Arc<GroupStatus>, Vec<&'a Arc<RuleStatus>>);

/// Which part: from the group of this token on, so many.
#[derive(Clone, Debug)]
pub(crate) struct Pages {
    limit: Option<usize>,
    token: String,
}

impl Pages {
    pub(crate) fn new(form: &Form) -> Result<Self, ApiError> {
        let token = form.get("group_next_token").to_owned();
        let limit = match form.get("group_limit") {
            "" if token.is_empty() => None,
            "" => {
                let fault = "group_limit needs to be set in order to paginate over the groups";
                return Err(ApiError::parameter("group_limit", fault));
            }
            text => match text.parse::<i64>().map(usize::try_from) {
                Ok(Ok(limit)) if limit > 0 => Some(limit),
                Ok(_) => {
                    return Err(ApiError::parameter("group_limit", "group_limit needs to be greater than 0"));
                }
                Err(_) => {
                    let fault = format!("group_limit needs to be a valid number, and {text:?} is none");
                    return Err(ApiError::parameter("group_limit", fault));
                }
            },
        };
        Ok(Self { limit, token })
    }

    /// This part of the groups, and the token of the next one.
    pub(crate) fn cut<'a>(
        &self,
        mut groups: Vec<Found<'a>>,
    ) -> Result<(Vec<Found<'a>>, Option<String>), ApiError> {
        let Some(limit) = self.limit else { return Ok((groups, None)) };
        if !self.token.is_empty() {
            let Some(at) = groups.iter().position(|(group, _)| token(group) == self.token) else {
                let fault = "invalid group_next_token. were rule groups changed?";
                return Err(ApiError::parameter("group_next_token", fault));
            };
            groups.drain(..at);
        }
        let next = groups.get(limit).map(|(group, _)| token(group));
        groups.truncate(limit);
        Ok((groups, next))
    }
}

fn token(group: &GroupStatus) -> String {
    let mut hash = Sha256::new();
    hash.update(group.file.as_deref().unwrap_or_else(|| "".as_ref()).as_os_str().as_encoded_bytes());
    hash.update(";");
    hash.update(&group.name);
    hash.finalize().iter().take(20).map(|byte| format!("{byte:02x}")).collect()
}

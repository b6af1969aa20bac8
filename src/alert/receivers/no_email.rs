//! E-mail, without the feature `mail`.

use std::sync::Arc;

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::alert::config::Global;
use crate::alert::receivers::Receiver;
use crate::alert::template::Templates;

/// An item of `email_configs`, of which nothing can be made.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct EmailConfig(IgnoredAny);

impl EmailConfig {
    pub(crate) fn receiver(self, _: &Global, _: &Arc<Templates>) -> Result<Arc<dyn Receiver>, String> {
        let Self(IgnoredAny) = self;
        Err("this program cannot send mail; build it with the feature `mail` of tower-watch".to_owned())
    }
}

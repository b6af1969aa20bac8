//! The section as it stands in a file.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Deserializer};

use crate::alert::config::Secret;
use crate::alert::config::http::credentials::{Authorization, BasicAuth};
use crate::alert::config::http::headers::{HeaderSection, headers};
use crate::alert::config::http::{Credentials, HttpConfig, Proxy, TlsConfig, refused};

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct HttpSection {
    basic_auth: Option<BasicAuth>,
    authorization: Option<Authorization>,
    bearer_token: Option<Secret>,
    bearer_token_file: Option<PathBuf>,
    #[serde(default)]
    tls_config: Option<TlsConfig>,
    proxy_url: Option<Secret>,
    proxy_from_environment: Option<bool>,
    http_headers: Option<BTreeMap<String, HeaderSection>>,
    #[serde(default, rename = "oauth2", deserialize_with = "refused::oauth2")]
    _oauth2: (),
    #[serde(default, rename = "no_proxy", deserialize_with = "refused::no_proxy")]
    _no_proxy: (),
    #[serde(default, rename = "proxy_connect_header", deserialize_with = "refused::proxy_connect_header")]
    _proxy_connect_header: (),
    #[serde(default, rename = "follow_redirects", deserialize_with = "refused::redirects")]
    _follow_redirects: (),
    #[serde(default, rename = "enable_http2", deserialize_with = "refused::http2")]
    _enable_http2: (),
}

impl HttpSection {
    fn config(self) -> Result<HttpConfig, String> {
        let basic = self.basic_auth.map(BasicAuth::credentials).transpose()?;
        let authorization = self.authorization.map(Authorization::credentials).transpose()?;
        let bearer = Secret::either("bearer_token", self.bearer_token, self.bearer_token_file)?;
        let mut given = [basic, authorization, bearer.map(Credentials::bearer)].into_iter().flatten();
        let credentials = given.next();
        if given.next().is_some() {
            return Err(
                "only one of basic_auth, authorization and bearer_token can be sent; remove the others"
                    .into(),
            );
        }
        let from_environment = self.proxy_from_environment.unwrap_or(false);
        let proxy = match (self.proxy_url, from_environment) {
            (Some(_), true) => {
                return Err("proxy_url and proxy_from_environment are both given; remove one".into());
            }
            (Some(url), false) => Proxy::Url(url),
            (None, true) => Proxy::Environment,
            (None, false) => Proxy::None,
        };
        let headers = headers(self.http_headers.unwrap_or_default())?;
        Ok(HttpConfig { credentials, tls: self.tls_config.unwrap_or_default(), proxy, headers })
    }
}

impl<'de> Deserialize<'de> for HttpConfig {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        HttpSection::deserialize(deserializer)?.config().map_err(serde::de::Error::custom)
    }
}

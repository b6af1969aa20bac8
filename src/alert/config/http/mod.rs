//! How a receiver is spoken to over HTTP: the section `http_config`
//! (<https://prometheus.io/docs/alerting/latest/configuration/#http_config>).
//!
//! | key | here |
//! |---|---|
//! | `basic_auth`, `authorization`, `bearer_token`, `bearer_token_file`, `http_headers` | sent with each request; secrets in files are read each time |
//! | `tls_config` with `ca`, `cert`, `key` and their `_file` | read when the receiver is made |
//! | `proxy_url`, `proxy_from_environment` | as upstream: no proxy where neither is given |
//! | `follow_redirects`, `enable_http2: true` | accepted; a redirect is never followed, since a secret stands in most of these addresses: it is refused and logged |
//! | `oauth2`, `insecure_skip_verify: true`, `server_name`, `max_version`, `min_version: TLS13`, `no_proxy`, `proxy_connect_header`, `enable_http2: false` | refused by name: ignored, they would make a connection that is not what was asked for |

mod credentials;
mod headers;
mod refused;
mod section;
mod settings;
mod tls;

pub use crate::alert::config::http::credentials::Credentials;
pub use crate::alert::config::http::settings::{HttpConfig, HttpConfigError, Proxy};
pub use crate::alert::config::http::tls::TlsConfig;

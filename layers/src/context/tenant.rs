//! The tenant that a request claims, and whether that can be.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use http::request::Parts;
use http::{HeaderName, StatusCode, header};

use crate::caught;
use crate::classify::GrpcStatus;
use crate::framework;
use crate::observe::{InvalidText, Refusal, Tenant};

/// Where the tenant of a request comes from, and which tenants there are.
///
/// A tenant that is not [`required`](Self::required) never costs a request its answer: a claim that cannot be is
/// dropped. A required one that is missing or cannot be is refused with 400 (gRPC: INVALID_ARGUMENT).
///
/// ```
/// use tower_watch_layers::context::TenantPolicy;
///
/// let policy = TenantPolicy::header("x-tenant-id".parse().unwrap()).required().allow(["acme", "globex"]);
/// # let _ = policy;
/// ```
#[derive(Clone)]
pub struct TenantPolicy {
    source: Source,
    required: bool,
    longest: usize,
    allowed: Option<Arc<HashSet<Box<str>>>>,
    validate: Option<Arc<Validator>>,
}

type Validator = dyn Fn(&str) -> bool + Send + Sync;
type FromHead = dyn Fn(&Parts) -> Option<String> + Send + Sync;

#[derive(Clone)]
enum Source {
    Header(HeaderName),
    Subdomain(Box<str>),
    PathParameter(Box<str>),
    Function(Arc<FromHead>),
    /// Only the application knows, later.
    Late,
}

/// Why a claimed tenant cannot be, or that none is claimed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TenantProblem {
    /// There is none.
    Missing,
    /// There are several.
    Repeated,
    /// It is no text that a tenant can be.
    Invalid(InvalidText),
    /// It has more characters than the policy lets through.
    TooLong(usize),
    /// Neither the allowlist nor the validator knows it.
    Unknown,
}

impl fmt::Display for TenantProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("is missing"),
            Self::Repeated => f.write_str("must be sent once"),
            Self::Invalid(problem) => problem.fmt(f),
            Self::TooLong(longest) => write!(f, "must have at most {longest} characters"),
            Self::Unknown => f.write_str("names no known tenant"),
        }
    }
}

impl std::error::Error for TenantProblem {}

impl fmt::Debug for TenantPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TenantPolicy")
            .field("source", &self.source.to_string())
            .field("required", &self.required)
            .field("allowed", &self.allowed.as_ref().map(|allowed| allowed.len()))
            .finish_non_exhaustive()
    }
}

impl Default for TenantPolicy {
    /// The header `x-tenant-id`, optional.
    fn default() -> Self {
        Self::header(HeaderName::from_static("x-tenant-id"))
    }
}

impl TenantPolicy {
    fn from_source(source: Source) -> Self {
        Self { source, required: false, longest: 64, allowed: None, validate: None }
    }

    /// From a header.
    #[must_use]
    pub fn header(name: HeaderName) -> Self {
        Self::from_source(Source::Header(name))
    }

    /// The header that it is taken from, if it is taken from one.
    pub(crate) fn header_name(&self) -> Option<&HeaderName> {
        match &self.source {
            Source::Header(name) => Some(name),
            _ => None,
        }
    }

    /// From the host's first label: with `subdomain_of("shop.example")`, a request to `acme.shop.example` is
    /// acme's.
    #[must_use]
    pub fn subdomain_of(domain: &str) -> Self {
        Self::from_source(Source::Subdomain(domain.trim_matches('.').to_ascii_lowercase().into()))
    }

    /// From a parameter of the matched route, as in `/t/{tenant}/orders`. A layer on a nested router does not see the
    /// parameters of the prefix, nor those of a route with a wildcard: put it on the outer router. Needs the feature
    /// `axum`, and a layer
    /// that stands where the route is known.
    #[must_use]
    pub fn path_parameter(name: &str) -> Self {
        Self::from_source(Source::PathParameter(name.into()))
    }

    /// From a function of the request's head. It must not block. Where it panics, there is no tenant.
    #[must_use]
    pub fn from_fn(tenant: impl Fn(&Parts) -> Option<String> + Send + Sync + 'static) -> Self {
        Self::from_source(Source::Function(Arc::new(tenant)))
    }

    /// From the application alone: an auth layer or a handler sets it through
    /// [`RequestContext::set_tenant`](crate::context::RequestContext::set_tenant), and a
    /// [`RequireTenantLayer`](crate::context::RequireTenantLayer) inside checks it.
    #[must_use]
    pub fn late() -> Self {
        Self::from_source(Source::Late)
    }

    /// Refuses requests without a valid tenant. A route can be let off by
    /// [`RoutePolicy::tenant_optional`](crate::policy::RoutePolicy::tenant_optional).
    #[must_use]
    pub fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// Only these tenants exist.
    #[must_use]
    pub fn allow<T: Into<Box<str>>>(mut self, tenants: impl IntoIterator<Item = T>) -> Self {
        self.allowed = Some(Arc::new(tenants.into_iter().map(Into::into).collect()));
        self
    }

    /// Only tenants for which this holds exist. It is asked on every request and must not block: look into a set
    /// in memory. A tenant on which it panics is unknown.
    #[must_use]
    pub fn validate(mut self, holds: impl Fn(&str) -> bool + Send + Sync + 'static) -> Self {
        self.validate = Some(Arc::new(holds));
        self
    }

    /// The most characters a tenant may have (default 64, at most 128).
    #[must_use]
    pub fn max_len(mut self, longest: usize) -> Self {
        self.longest = longest;
        self
    }

    /// What no tenant can ever pass, with the mend: an allowlist with nobody on it, a length of nothing.
    pub fn problems(&self) -> impl Iterator<Item = String> {
        let longest = (!(1..=128).contains(&self.longest))
            .then(|| format!("max_len({}): a tenant has 1 to 128 characters", self.longest));
        let source = match &self.source {
            Source::Subdomain(domain) if domain.is_empty() => {
                Some("subdomain_of(\"\"): name the domain, as in \"shop.example\"".to_owned())
            }
            Source::PathParameter(name) if name.is_empty() => {
                Some("path_parameter(\"\"): name the parameter, as in \"tenant\" for /t/{tenant}".to_owned())
            }
            _ => None,
        };
        let nobody = (self.allowed.as_ref().is_some_and(|allowed| allowed.is_empty()))
            .then(|| "allow([]): nobody is allowed; name the tenants, or leave the allowlist out".to_owned());
        let impossible = self.allowed().filter_map(|tenant| match Tenant::new(tenant) {
            Err(problem) => Some(format!("allow([{tenant:?}]): a tenant {problem}")),
            Ok(_) if tenant.len() > self.longest => Some(format!(
                "allow([{tenant:?}]): a tenant has at most {} characters; see max_len",
                self.longest
            )),
            Ok(_) => None,
        });
        let mut impossible: Vec<_> = impossible.collect();
        impossible.sort();
        longest.into_iter().chain(source).chain(nobody).chain(impossible)
    }

    /// The tenants of the allowlist.
    pub fn allowed(&self) -> impl Iterator<Item = &str> {
        self.allowed.iter().flat_map(|allowed| allowed.iter().map(|tenant| &**tenant))
    }

    pub(crate) fn is_required(&self) -> bool {
        self.required && !matches!(self.source, Source::Late)
    }

    /// Whether a tenant that passed is known to exist, and not only well-formed.
    pub(crate) fn vouches(&self) -> bool {
        self.allowed.is_some() || self.validate.is_some()
    }

    /// The tenant that the request claims, checked.
    pub(crate) fn find(&self, head: &Parts) -> Result<Tenant, TenantProblem> {
        let tenant = match &self.source {
            Source::Header(name) => {
                let mut sent = head.headers.get_all(name).iter();
                match (sent.next(), sent.next()) {
                    (None, _) => Err(TenantProblem::Missing),
                    (Some(value), None) => Tenant::from_header(value).map_err(TenantProblem::Invalid),
                    (Some(_), Some(_)) => Err(TenantProblem::Repeated),
                }
            }
            Source::Subdomain(domain) => tenant_of(subdomain(head, domain)),
            Source::PathParameter(name) => tenant_of(path_parameter(head, name)),
            Source::Function(function) => {
                tenant_of(caught::ask("tenant", || function(head)).flatten().map(Cow::Owned))
            }
            Source::Late => Err(TenantProblem::Missing),
        }?;
        self.check(&tenant)?;
        Ok(tenant)
    }

    /// Whether a tenant, wherever it comes from, is one that exists.
    pub(crate) fn check(&self, tenant: &Tenant) -> Result<(), TenantProblem> {
        if tenant.len() > self.longest {
            return Err(TenantProblem::TooLong(self.longest));
        }
        let allowed = self.allowed.as_ref().is_none_or(|allowed| allowed.contains(tenant.as_str()));
        let valid = self
            .validate
            .as_ref()
            .is_none_or(|holds| caught::ask("tenant validator", || holds(tenant.as_str())).unwrap_or(false));
        if allowed && valid { Ok(()) } else { Err(TenantProblem::Unknown) }
    }

    /// The answer to a request whose tenant has this problem. It names the place, and nothing that the caller sent.
    pub(crate) fn refusal(&self, problem: TenantProblem) -> Refusal {
        let detail = format!("{} {problem}", self.source);
        Refusal::new(StatusCode::BAD_REQUEST, GrpcStatus::INVALID_ARGUMENT, detail)
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Header(name) => write!(f, "header {name}"),
            Self::Subdomain(domain) => write!(f, "the subdomain of {domain}"),
            Self::PathParameter(name) => write!(f, "path parameter {name}"),
            Self::Function(_) | Self::Late => f.write_str("the tenant"),
        }
    }
}

fn tenant_of(claim: Option<Cow<'_, str>>) -> Result<Tenant, TenantProblem> {
    let claim = claim.ok_or(TenantProblem::Missing)?;
    Tenant::new(&claim).map_err(TenantProblem::Invalid)
}

fn subdomain<'h>(head: &'h Parts, domain: &str) -> Option<Cow<'h, str>> {
    let authority = match head.uri.authority() {
        Some(authority) => authority.as_str(),
        None => {
            let mut hosts = head.headers.get_all(header::HOST).iter();
            match (hosts.next(), hosts.next()) {
                (Some(host), None) => host.to_str().ok()?,
                _ => return None,
            }
        }
    };
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let host = host.split_once(':').map_or(host, |(host, _)| host).to_ascii_lowercase();
    let label = host.strip_suffix(domain)?.strip_suffix('.')?;
    (!label.is_empty() && !label.contains('.')).then(|| Cow::Owned(label.to_owned()))
}

/// The segment of the path that stands where the template has `{name}`.
fn path_parameter<'h>(head: &'h Parts, name: &str) -> Option<Cow<'h, str>> {
    let template = framework::matched_path(&head.extensions)?;
    let path = head.uri.path();
    // A layer on a nested router sees the whole template and the rest of the path. Where each segment of the template is
    // one of the path, the path is its end; with a wildcard that cannot be told, and a wrong tenant is worse than none.
    let is_open = template.contains("{*");
    let surplus = template.split('/').count().saturating_sub(path.split('/').count());
    let start = if is_open || surplus == 0 { 0 } else { template.match_indices('/').nth(surplus)?.0 };
    let segment = parameter(&template[start..], path, name)?;
    // What a tenant may consist of never needs an escape, so one is left as it is, and refused.
    Some(Cow::Borrowed(segment))
}

/// The segment of `path` where `template` has `{name}`, if the path is one of the template's.
fn parameter<'p>(template: &str, path: &'p str, name: &str) -> Option<&'p str> {
    let mut found = None;
    let mut segments = path.split('/');
    for part in template.split('/') {
        if part.starts_with("{*") {
            return found;
        }
        let segment = segments.next()?;
        match part.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
            Some(parameter) if parameter == name => found = Some(segment),
            Some(_) => {}
            // An escaped brace is no parameter either, and not worth unescaping.
            None if part == segment || part.contains("{{") => {}
            None => return None,
        }
    }
    if segments.next().is_some() { None } else { found }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::Request;

    fn head(uri: &str, host: Option<&str>) -> Parts {
        let mut request = Request::builder().uri(uri);
        if let Some(host) = host {
            request = request.header("host", host);
        }
        request.body(()).unwrap().into_parts().0
    }

    #[test]
    fn the_subdomain_is_one_label_before_the_domain() {
        let policy = TenantPolicy::subdomain_of("shop.example");
        let find = |host: &str| policy.find(&head("/", Some(host))).map(|tenant| tenant.to_string());
        assert_eq!(find("acme.shop.example"), Ok("acme".into()));
        assert_eq!(find("ACME.Shop.Example:8080"), Ok("acme".into()));
        for none in ["shop.example", "a.b.shop.example", "evilshop.example", "other.test", ""] {
            assert_eq!(find(none), Err(TenantProblem::Missing), "{none}");
        }
        let http2 = policy.find(&head("http://globex.shop.example/x", None)).unwrap();
        assert_eq!(http2.as_str(), "globex");
    }

    #[test]
    fn checks_length_allowlist_and_validator() {
        let tenant = |text| Tenant::new(text).unwrap();
        let policy =
            TenantPolicy::default().max_len(5).allow(["acme", "globex"]).validate(|text| text != "acme");
        assert_eq!(policy.check(&tenant("globex")), Err(TenantProblem::TooLong(5)));
        assert_eq!(policy.check(&tenant("acme")), Err(TenantProblem::Unknown));
        assert_eq!(policy.check(&tenant("other")), Err(TenantProblem::Unknown));
        let policy = TenantPolicy::default().allow(["acme", "globex"]);
        assert_eq!(policy.check(&tenant("globex")), Ok(()));
    }
}

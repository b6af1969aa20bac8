//! The message of the protocol.

use std::borrow::Cow;

use indexmap::IndexMap;
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::common::v1::InstrumentationScope;
use opentelemetry_proto::tonic::logs::v1::{LogRecord, ResourceLogs, ScopeLogs};
use opentelemetry_proto::tonic::resource::v1::Resource;

use crate::telemetry::otlp::signal::Signal;

/// Log records.
#[derive(Debug)]
pub(crate) struct Logs;

/// One of them, and who wrote it.
#[derive(Debug)]
pub(crate) struct Record {
    /// The event's target: the module, where it does not say otherwise.
    pub(crate) target: Cow<'static, str>,
    pub(crate) record: LogRecord,
}

impl Signal for Logs {
    type Item = Record;
    type Request = ExportLogsServiceRequest;

    const NAME: &'static str = "logs";
    const ITEMS: &'static str = "log records";
    const GRPC_PATH: &'static str = "/opentelemetry.proto.collector.logs.v1.LogsService/Export";

    fn request(&self, items: Vec<Record>, resource: &Resource) -> ExportLogsServiceRequest {
        let mut by_target: IndexMap<Cow<'static, str>, Vec<LogRecord>> = IndexMap::new();
        for Record { target, record } in items {
            by_target.entry(target).or_default().push(record);
        }
        let scope_logs = by_target.into_iter().map(|(target, log_records)| ScopeLogs {
            scope: Some(InstrumentationScope {
                name: target.into_owned(),
                ..InstrumentationScope::default()
            }),
            log_records,
            schema_url: String::new(),
        });
        let resource_logs = ResourceLogs {
            resource: Some(resource.clone()),
            scope_logs: scope_logs.collect(),
            schema_url: String::new(),
        };
        ExportLogsServiceRequest { resource_logs: vec![resource_logs] }
    }
}

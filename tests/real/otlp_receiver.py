"""A receiver of OTLP that is not ours: OpenTelemetry's own messages, gRPC's own server, Python's own HTTP server.

Usage: otlp_receiver.py FAILURES

Prints one line of JSON when it listens ({"grpc": PORT, "http": PORT}) and one for each request that it takes or refuses. The
first FAILURES requests are refused as one may that is overloaded: 503 with Retry-After, or UNAVAILABLE.
"""

import base64
import gzip
import itertools
import json
import sys
import threading
from concurrent import futures
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import grpc
from google.protobuf import json_format
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2, logs_service_pb2_grpc
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2, metrics_service_pb2_grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc

SIGNALS = {
    "traces": (trace_service_pb2.ExportTraceServiceRequest, trace_service_pb2.ExportTraceServiceResponse),
    "metrics": (metrics_service_pb2.ExportMetricsServiceRequest, metrics_service_pb2.ExportMetricsServiceResponse),
    "logs": (logs_service_pb2.ExportLogsServiceRequest, logs_service_pb2.ExportLogsServiceResponse),
}

failures = int(sys.argv[1])
turn = itertools.count(1)
lock = threading.Lock()


def say(**line):
    with lock:
        print(json.dumps(line), flush=True)


def is_refused(signal, protocol):
    refused = next(turn) <= failures
    if refused:
        say(refused=True, signal=signal, protocol=protocol)
    return refused


def plain(value):
    """An AnyValue as JSON has it."""
    kind = value.WhichOneof("value")
    if kind == "array_value":
        return [plain(item) for item in value.array_value.values]
    if kind == "bytes_value":
        return value.bytes_value.hex()
    return getattr(value, kind) if kind else None


def attributes(pairs):
    return {pair.key: plain(pair.value) for pair in pairs}


def spans(request):
    for resource in request.resource_spans:
        for scope in resource.scope_spans:
            for span in scope.spans:
                yield {
                    "resource": attributes(resource.resource.attributes),
                    "scope": scope.scope.name,
                    "name": span.name,
                    "kind": span.kind,
                    "trace_id": span.trace_id.hex(),
                    "span_id": span.span_id.hex(),
                    "parent": span.parent_span_id.hex(),
                    "attributes": attributes(span.attributes),
                    "status": span.status.code,
                    "nanos": span.end_time_unix_nano - span.start_time_unix_nano,
                }


def records(request):
    for resource in request.resource_logs:
        for scope in resource.scope_logs:
            for record in scope.log_records:
                yield {
                    "resource": attributes(resource.resource.attributes),
                    "scope": scope.scope.name,
                    "severity": record.severity_number,
                    "severity_text": record.severity_text,
                    "body": plain(record.body),
                    "attributes": attributes(record.attributes),
                    "dropped_attributes": record.dropped_attributes_count,
                    "trace_id": record.trace_id.hex(),
                    "span_id": record.span_id.hex(),
                    "flags": record.flags,
                    "nanos": record.time_unix_nano,
                }


def points(request):
    for resource in request.resource_metrics:
        for scope in resource.scope_metrics:
            for metric in scope.metrics:
                kind = metric.WhichOneof("data")
                data = getattr(metric, kind)
                for point in data.data_points:
                    line = {
                        "resource": attributes(resource.resource.attributes),
                        "name": metric.name,
                        "unit": metric.unit,
                        "description": metric.description,
                        "kind": kind,
                        "temporality": getattr(data, "aggregation_temporality", None),
                        "is_monotonic": getattr(data, "is_monotonic", None),
                        "attributes": attributes(point.attributes),
                        "start": point.start_time_unix_nano,
                        "nanos": point.time_unix_nano,
                    }
                    if kind == "histogram":
                        line.update(
                            count=point.count,
                            sum=point.sum,
                            bounds=list(point.explicit_bounds),
                            counts=list(point.bucket_counts),
                            exemplars=[exemplar.trace_id.hex() for exemplar in point.exemplars],
                        )
                    else:
                        line["value"] = getattr(point, point.WhichOneof("value"))
                    yield line


ITEMS = {"traces": spans, "metrics": points, "logs": records}


def take(signal, protocol, compression, headers, request):
    say(
        signal=signal,
        protocol=protocol,
        compression=compression,
        headers=headers,
        items=list(ITEMS[signal](request)),
    )


class Http(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        signal = self.path.removeprefix("/v1/")
        content_type = self.headers["content-type"]
        if signal not in SIGNALS or content_type not in ("application/x-protobuf", "application/json"):
            self.answer(404 if signal not in SIGNALS else 415, "text/plain", b"no")
            say(wrong=self.path, content_type=content_type)
            return
        protocol = "http/json" if content_type == "application/json" else "http/protobuf"
        if is_refused(signal, protocol):
            self.answer(503, "text/plain", b"busy", ("retry-after", "1"))
            return
        compression = self.headers.get("content-encoding")
        if compression == "gzip":
            body = gzip.decompress(body)
        request, response = (make() for make in SIGNALS[signal])
        if protocol == "http/json":
            json_format.Parse(ids_as_base64(body), request)
            answer = json_format.MessageToJson(response).encode()
        else:
            request.ParseFromString(body)
            answer = response.SerializeToString()
        take(signal, protocol, compression, {name.lower(): value for name, value in self.headers.items()}, request)
        self.answer(200, content_type, answer)

    def answer(self, status, content_type, body, *more):
        self.send_response(status)
        for name, value in (("content-type", content_type), ("content-length", str(len(body))), *more):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def ids_as_base64(body):
    """OTLP writes ids in hexadecimal digits, where protobuf's JSON has base64."""
    def mend(value):
        if isinstance(value, list):
            return [mend(item) for item in value]
        if not isinstance(value, dict):
            return value
        return {
            key: base64.b64encode(bytes.fromhex(item)).decode()
            if key in ("traceId", "spanId", "parentSpanId")
            else mend(item)
            for key, item in value.items()
        }

    return json.dumps(mend(json.loads(body)))


class Grpc:
    def __init__(self, signal):
        self.signal = signal

    def Export(self, request, context):
        headers = dict(context.invocation_metadata())
        if is_refused(self.signal, "grpc"):
            context.abort(grpc.StatusCode.UNAVAILABLE, "busy")
        take(self.signal, "grpc", headers.get("grpc-encoding"), text_only(headers), request)
        return SIGNALS[self.signal][1]()


def text_only(headers):
    return {name: value for name, value in headers.items() if isinstance(value, str)}


server = grpc.server(futures.ThreadPoolExecutor(4))
trace_service_pb2_grpc.add_TraceServiceServicer_to_server(Grpc("traces"), server)
metrics_service_pb2_grpc.add_MetricsServiceServicer_to_server(Grpc("metrics"), server)
logs_service_pb2_grpc.add_LogsServiceServicer_to_server(Grpc("logs"), server)
port = server.add_insecure_port("127.0.0.1:0")
server.start()
http = ThreadingHTTPServer(("127.0.0.1", 0), Http)
say(grpc=port, http=http.server_port)
http.serve_forever()

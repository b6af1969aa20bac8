"""Scrapes URL and prints, as JSON, what the independent parser makes of it.

usage: samples.py URL text|openmetrics
"""

import gzip
import json
import sys
import urllib.request

from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families as text

url, format = sys.argv[1:]
accept, parse = {
    "text": ("text/plain;version=0.0.4", text),
    "openmetrics": ("application/openmetrics-text;version=1.0.0", openmetrics),
}[format]
request = urllib.request.Request(url, headers={"Accept": accept, "Accept-Encoding": "gzip"})
with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30) as answer:
    headers = {name.lower(): value for name, value in answer.headers.items()}
    body = answer.read()
if headers.get("content-encoding") == "gzip":
    body = gzip.decompress(body)

samples = []
for family in parse(body.decode()):
    for sample in family.samples:
        exemplar = sample.exemplar
        samples.append({
            "family": family.name,
            "type": family.type,
            "help": family.documentation,
            "name": sample.name,
            "labels": sample.labels,
            # As text: a reader of JSON may round the last digit.
            "value": repr(float(sample.value)),
            "exemplar": exemplar and [exemplar.labels, exemplar.value, float(exemplar.timestamp)],
        })
json.dump({"headers": headers, "samples": samples}, sys.stdout)

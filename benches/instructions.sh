#!/usr/bin/env bash
# Instructions per request, of each stack over the bare axum router, held to a budget: fails where one is exceeded.
#
# One build repeats to the last digit, so a budget can be held where a time could not. Another compiler or another
# version of a dependency moves the counts by a few per cent: then see what it was, and set the budget anew, about 5 %
# above what is measured.
#
# Two things outside of this project count too, where a request comes in at all. axum's default feature `original-uri`
# (on here) fills the map of the request's extensions, so that our one more entry makes it grow: without it each of
# ours costs some 420 less. And a request with exactly 6 headers, or 12, has no room for the
# request id: then the map of its headers grows, some 890 more for any layer that adds one.
set -euo pipefail
shopt -s inherit_errexit
cd "$(dirname "$0")/.."

# Of the requests one in ten is sampled by its caller; of those to `trace` and `opentelemetry` (a span for each, and
# tracing-opentelemetry sees all of them) none, of those to `trace-sampled` each.
stacks=(nothing context red trace trace-sampled opentelemetry watch preset)
declare -A budget=([nothing]=880 [context]=4840 [red]=4730 [trace]=5670 [trace-sampled]=27200 [opentelemetry]=16950
  [watch]=11300 [preset]=12550)
requests=1000

if ! command -v valgrind >/dev/null; then
  echo "valgrind is not installed" >&2
  exit 1
fi
program=$(cargo bench --quiet --locked --no-run --bench instructions --features otlp --message-format=json |
  sed -n 's/.*"name":"instructions".*"executable":"\([^"]*\)".*/\1/p')

count() { # stack
  local collected
  # One function only: what start-up executes (the clock's calibration) does not repeat.
  collected=$(valgrind --tool=callgrind --callgrind-out-file=/dev/null --toggle-collect='instructions::counted*' \
    --log-fd=1 "$program" "$1" "$requests" | sed -n 's/.*Collected : //p')
  echo $((collected / requests))
}

bare=$(count bare)
exceeded=()
printf '%-13s %13s %10s %8s\n' stack instructions 'over bare' budget bare "$bare" '' ''
for stack in "${stacks[@]}"; do
  counted=$(count "$stack")
  over=$((counted - bare))
  printf '%-13s %13d %10d %8d\n' "$stack" "$counted" "$over" "${budget[$stack]}"
  if ((over > budget[$stack])); then exceeded+=("$stack"); fi
done
if ((${#exceeded[@]})); then
  echo "over budget: ${exceeded[*]}"
  exit 1
fi

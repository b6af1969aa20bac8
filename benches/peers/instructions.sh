#!/usr/bin/env bash
# Instructions per request, of the thread that answers: for each stack, or for those named, the mean of 2,000 requests
# after 1,000 to warm up. Counts one function only, because what start-up executes (clock calibration) is not repeatable.
set -euo pipefail
shopt -s inherit_errexit
cd "$(dirname "$0")"
cargo build --quiet --release --bin peers
peers=target/release/peers

# Keeps the batch processor's thread asleep: when it wakes depends on the clock.
export OTEL_BSP_SCHEDULE_DELAY=3600000

requests=2000

per_request() { # stack
  local collected
  collected=$(valgrind --tool=callgrind --callgrind-out-file=/dev/null --toggle-collect='peers::counted*' \
    --log-fd=1 "$peers" run "$1" "$requests" 2>/dev/null | sed -n 's/.*Collected : //p')
  echo $((collected / requests))
}

bare=$(per_request bare)
yardstick=$(( $(per_request axum-prometheus) - bare ))
echo "| stack | instructions | over bare | to axum-prometheus |"
echo "|---|---:|---:|---:|"
for stack in ${@:-$("$peers" stacks)}; do
  count=$(per_request "$stack")
  awk -v stack="$stack" -v count="$count" -v bare="$bare" -v yardstick="$yardstick" \
    'BEGIN { printf "| %s | %d | %d | %.2f |\n", stack, count, count - bare, (count - bare) / yardstick }'
done

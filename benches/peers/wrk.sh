#!/usr/bin/env bash
# Over loopback, as ratios to the bare router: the server alone on core 0, wrk alone on core 1.
# For each stack, or for those named, PAIRS (5) runs of DURATION (3s) of the bare router and of the stack in turn.
set -euo pipefail
shopt -s inherit_errexit
cd "$(dirname "$0")"
cargo build --quiet --release --bin peers
peers=target/release/peers
pairs=${PAIRS:-5} duration=${DURATION:-3s}

servers=()
addresses=$(mktemp -d)
trap 'kill "${servers[@]}" 2>/dev/null; rm -rf "$addresses"' EXIT

serve() { # stack: starts it; its process is $server then
  taskset -c 0 "$peers" serve "$1" >"$addresses/$1" &
  server=$!
  servers+=("$server")
  for _ in $(seq 50); do
    if [[ -s $addresses/$1 ]]; then return; fi
    kill -0 "$server" 2>/dev/null || break
    sleep 0.1
  done
  echo "$1 did not start" >&2
  exit 1
}

ticks() { # process: the CPU time that it has used so far
  awk '{ print $14 + $15 }' "/proc/$1/stat"
}

load() { # stack, process: prints requests per second, and requests per tick of the server's CPU time
  local before report
  before=$(ticks "$2")
  report=$(taskset -c 1 wrk -t1 -c32 -d"$duration" -s wrk.lua "http://$(<"$addresses/$1")")
  if grep -E 'Non-2xx|Socket errors' <<<"$report" >&2; then exit 1; fi
  awk -v ticks=$(($(ticks "$2") - before)) \
    '/requests in/ { requests = $1 } /Requests\/sec/ { print $2, requests / ticks }' <<<"$report"
}

pair() { # stack, process: the bare router and it
  local reference observed
  reference=$(load bare "$bare")
  observed=$(load "$1" "$2")
  echo "$reference $observed"
}

serve bare
bare=$server
load bare "$bare" >/dev/null # warms up

echo "requests per second, and per second of the server's CPU time; ratios to the bare router, $pairs pairs of $duration"
echo
echo "| stack | best | best over best | median ratio | median ratio, per CPU second |"
echo "|---|---:|---:|---:|---:|"
for stack in ${@:-$("$peers" stacks | grep -vx bare)}; do
  serve "$stack"
  for _ in $(seq "$pairs"); do pair "$stack" "$server"; done | awk -v stack="$stack" '
    function median(values,    i, j, held) { # by insertion: not every awk can sort
      for (i = 2; i <= NR; i++) for (j = i; j > 1 && values[j] < values[j - 1]; j--) {
        held = values[j]; values[j] = values[j - 1]; values[j - 1] = held
      }
      return values[int((NR + 1) / 2)]
    }
    { wall[NR] = $3 / $1; cpu[NR] = $4 / $2; if ($1 > bare) bare = $1; if ($3 > best) best = $3 }
    END { printf "| %s | %d | %.2f | %.2f | %.2f |\n", stack, best, best / bare, median(wall), median(cpu) }'
done

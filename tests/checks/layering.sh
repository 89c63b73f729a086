#!/usr/bin/env bash
# The laws of the tree (docs/architecture.md): arrows go down only, one library has one door. Prints each breach; fails if
# there is any. Argument: the root of the tree, or of a tree made to break a law.
set -u
root=${1:-.}
cd "$root" || exit 2
found=$(mktemp) # not a variable: the laws below are pipelines, each end of which is a process of its own
trap 'rm -f "$found"' EXIT

breach() { # law, files with lines on stdin
  sed "s|^|$1: |" | tee -a "$found"
}
search() { # pattern, folders; tests of plugins live inside their folders
  local pattern=$1
  shift
  grep -rnE --include='*.h' --include='*.hpp' --include='*.c' --include='*.cpp' "$pattern" "$@" 2>/dev/null
}

search '#include ["<]actors/' runtime plugins examples | breach "only tests may include actors/"
search '#include ["<]runtime/' plugins examples | breach "plugins and examples see plugins/sdk alone"
search '#include ["<]caf/' runtime plugins examples | breach "CAF lives in actors/"
search '#include ["<](yaml-cpp/)' actors runtime plugins | grep -v '^runtime/config/' | breach "yaml-cpp has one door, runtime/config"
search '#include ["<]opentelemetry/' actors runtime plugins | grep -v '^runtime/telemetry/' |
  breach "OpenTelemetry has one door, runtime/telemetry"
search '#include ["<]spdlog/' actors runtime plugins | grep -v '^runtime/telemetry/' | breach "spdlog has one door, runtime/telemetry"
search '\bdl(open|sym)[ ]*\(' actors runtime plugins | grep -v '^runtime/plugin/' | breach "dlopen has one door, runtime/plugin"
search '#include ["<]boost/' actors runtime plugins | grep -v '^runtime/net/' | breach "Boost has one door, runtime/net"
search '#include ["<]simdjson' actors runtime | breach "simdjson is for plugins"
search 'std::(mutex|shared_mutex)|_clock::now\(|sleep_for|\bsocket\(' runtime/model runtime/book runtime/fanout runtime/wire \
  runtime/supervision plugins/sdk/include plugins/venues plugins/dialects plugins/compression | grep -v '/tests/' |
  breach "logic takes bytes and time as arguments"

if [ -s "$found" ]; then
  printf '%d breaches\n' "$(wc -l <"$found")"
  exit 1
fi
echo "no breach"

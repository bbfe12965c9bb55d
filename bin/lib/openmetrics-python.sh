#!/bin/sh
# Prints a Python that has prometheus_client of PyPI: one of the machine's, else one below target/ that is made once. Tests read
# metrics with it.
set -eu
cd "$(dirname "$0")/../.."
ours=$PWD/target/openmetrics
mkdir -p target
exec 9>target/.openmetrics.lock
flock 9
for python in /usr/bin/python3 python3 "$ours/bin/python"; do
  if "$python" -c 'import prometheus_client' >/dev/null 2>&1; then
    echo "$python"
    exit
  fi
done
python3 -m venv "$ours" >&2
"$ours/bin/python" -m pip install --quiet prometheus_client >&2
echo "$ours/bin/python"

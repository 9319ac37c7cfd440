#!/usr/bin/env bash
# The same GRPO step through Ballast and through TRL, alternating A B A B …, and the ratios of the medians.
#   bench/side-by-side.sh [shape] [rounds] [ballast's dtype] [TRL's dtype] [max-new]
# PYTHON names an interpreter that has trl; without it a virtual environment is made under bench/.venv.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
shape=${1:-3m} rounds=${2:-5} ours=${3:-fp32} theirs=${4:-fp32} length=${5:-}
python=${PYTHON:-$here/.venv/bin/python}
if [[ -z ${PYTHON:-} && ! -x $python ]]; then
  python3 -m venv "$here/.venv"
  "$here/.venv/bin/pip" install -q 'trl==1.13.*' 'torch==2.13.*' transformers datasets
fi
a=$(mktemp) b=$(mktemp)
trap 'rm -f "$a" "$b"' EXIT
for ((i = 1; i <= rounds; i++)); do
  echo "round $i of $rounds" >&2
  "$here/../ballast" bench step --set "shape=$shape" --set "dtype=$ours" ${length:+--set "max-new=$length"} --json >>"$a" 2>/dev/null
  "$python" "$here/trl_step.py" --shape "$shape" --dtype "$theirs" ${length:+--max-new "$length"} 2>/dev/null | tail -1 >>"$b"
done
"$python" - "$a" "$b" <<'PY'
import json, statistics, sys
ours, theirs = ([json.loads(line) for line in open(f)] for f in sys.argv[1:3])
for key in ("sampleTokensPerSecond", "stepTokensPerSecond", "peakResidentMb"):
    x, y = (statistics.median(r[key] for r in rows) for rows in (ours, theirs))
    print(f"{key:24} ballast {x:10.1f}   trl {y:10.1f}   ratio {x / y:5.2f}")
PY

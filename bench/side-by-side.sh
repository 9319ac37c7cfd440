#!/usr/bin/env bash
# The same GRPO step through Ballast and through TRL, alternating A B A B …: medians, least and most of each side, and the ratios.
#   bench/side-by-side.sh [--shapes 3m,13m,135m] [--dtypes fp32,bf16] [--rounds 5] [--minutes 25] [--steps 1] [--max-new N] [--out FOLDER] [--again]
# Every run is appended to FOLDER (bench/results): started again, it goes on with the round it was in; --again starts anew. No run begins
# after the minutes are over. PYTHON names an interpreter that has trl; without it a virtual environment is made under bench/.venv.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
python=${PYTHON:-$here/.venv/bin/python}
if [[ -z ${PYTHON:-} && ! -x $python ]]; then
  python3 -m venv "$here/.venv"
  "$here/.venv/bin/pip" install -q 'trl==1.13.*' 'torch==2.13.*' transformers datasets
fi
exec "$python" "$here/side_by_side.py" "$@"

#!/usr/bin/env bash
# One short run of every method on the built-in task, all from the same warm start and seed, and what became of each on its page.
#   bench/curves.sh [-s staleness] [method…]     runs what has not run yet (all methods unless named), then writes the pages
#   bench/curves.sh -n                           writes the pages from the runs there are
# RUNS names the folder of the runs (default runs/curves), PREFIX a command put before each run (such as "nice -n 19").
set -eu
here=$(cd "$(dirname "$0")" && pwd)
ballast=$here/../ballast runs=${RUNS:-$here/../runs/curves} staleness=4 draw_only=
while getopts s:n option; do
  case $option in
    s) staleness=$OPTARG ;;
    n) draw_only=1 ;;
    *) exit 2 ;;
  esac
done
shift $((OPTIND - 1))

# The methods most asked about first; the rest in the catalogue's order.
first='bapo ppo grpo dapo dr-grpo gspo cispo sapo gppo ce-gppo dcpo decoupled-ppo minirl m2po topr r2vpo spo-simple vespo gmpo clip-cov kl-cov reinforce'
model=$runs/warm/checkpoints/step-150/model

train() {
  local id=$1 dir=$runs/staleness-$staleness/$1 own=()
  grep -q '"event":"finished"' "$dir/events.jsonl" 2>/dev/null && return 0
  # No number of DISPO's was published; these are the ones its page suggests.
  [[ $id == dispo ]] && own=(--set method.e-lo-pos=0.2 --set method.e-hi-pos=0.28 --set method.e-lo-neg=1 --set method.e-hi-neg=4)
  # Its source trains the teacher with SAPO.
  [[ $id == erpd ]] && own=(--set "model.teacher=$runs/staleness-$staleness/sapo/checkpoints/step-40/model")
  rm -rf "$dir"
  echo "$id, staleness $staleness" >&2
  ${PREFIX:-} "$ballast" train "$here/curves.yaml" --set "model.path=$model" --set "method=$id" "${own[@]}" --set "off-policy.staleness=$staleness" --run "$dir" \
    >/dev/null 2>"$dir.log" || echo "$id failed: $(tail -1 "$dir.log")" >&2
}

if [[ -z $draw_only ]]; then
  mkdir -p "$runs/staleness-$staleness"
  [[ -d $model ]] || ${PREFIX:-} "$ballast" sft --run "$runs/warm"
  if (($# > 0)); then methods=("$@")
  else mapfile -t methods < <(tr ' ' '\n' <<<"$first"; "$ballast" methods | cut -d' ' -f1 | grep -vxF "$(tr ' ' '\n' <<<"$first")")
  fi
  for id in "${methods[@]}"; do train "$id"; done
fi

# A JDK 25 starts the program from its source; the command's own class path has what it reads JSON with.
"$ballast" --version >/dev/null
for java in "${JAVA_HOME:-}"/bin/java java /usr/lib/jvm/*/bin/java; do
  version=$("$java" --version 2>/dev/null | sed -n '1s/^[^ ]* \([0-9]*\).*/\1/p') && ((${version:-0} >= 25)) && break
done
"$java" -cp "$(<"$here/../target/classpath")" "$here/Curves.java" "$runs" "$here/../docs"

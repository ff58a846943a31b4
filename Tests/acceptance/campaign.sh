#!/bin/bash
# A whole campaign: 315 trainings (5 splits × 7 augmentations × 3 sizes × 3 seeds), of which 30 are killed. The plan knows which;
# they are run again; and every number of the report is what pandas and SciPy make of the exported points.
#
#     Tests/acceptance/campaign.sh [PROGRAM]      the program `varve`; .build/debug/varve if nothing is said
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
program=$(realpath "${1:-$root/.build/debug/varve}")
python=${VARVE_PYTHON:-}
if [ -z "$python" ]; then
    python=$root/.build/acceptance-venv/bin/python
    if ! "$python" -c 'import pandas, scipy' 2> /dev/null; then
        python3 -m venv "$root/.build/acceptance-venv"
        "$python" -m pip install --quiet pandas scipy
    fi
fi

fail() {
    printf 'FAILED: %s\n' "$1" >&2
    exit 1
}

directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cd "$directory"
mkdir bin
ln -s "$program" bin/varve
export PATH=$directory/bin:$PATH VARVE_REPO=$directory/campaign
unset VARVE_RUN_ID VARVE_ATTEMPT
cp "$here/train.py" .

cat > plan.yaml << 'PLAN'
campaign_id: acceptance
axes:
  split_index: [0, 1, 2, 3, 4]
  augmentation: [none, jitter, rotate, scale, shift, flip, drop]
  features: [4, 8, 16]
  seed: [1, 2, 3]
command: [bash, -c, "set -o pipefail; python3 train.py {split_index} {augmentation} {features} {seed} | varve log > log-{cell}"]
PLAN
[ "$(varve campaign plan plan.yaml | tail -1)" = "cells: 315" ] || fail "the plan"

touch unlucky
if varve campaign run --workers "$(nproc)" 2> first.log; then fail "30 jobs were killed, and nobody noticed"; fi
for cell in $(seq 315); do if [ $((cell * 7919 % 315)) -lt 30 ]; then echo "$cell"; fi; done > expected
varve campaign missing --format '{cell}' > missing
diff expected missing || fail "campaign missing names other cells"
[ "$(wc -l < missing)" = 30 ] || fail "not 30 cells"

rm unlucky
varve campaign run --workers "$(nproc)" 2> second.log || fail "the second run"
[ -z "$(varve campaign missing --format '{cell}' 2> /dev/null)" ] || fail "cells are missing still"
varve campaign status --format csv > status
grep -qx 'done,315' status && grep -qx 'duplicated,0' status || fail "the status: $(cat status)"

check() {
    varve report --metrics acc --format json > report.json
    varve report --metrics acc --format csv --precision 4 > report.csv
    varve export csv --where 'metric.name == "acc"' > points.csv
    varve runs --format csv > runs.csv
    "$python" "$here/check.py" report.json report.csv points.csv runs.csv
}
check
varve compact > /dev/null
check
varve report --metrics acc --precision 3 --format table | tail -4

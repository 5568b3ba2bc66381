#!/usr/bin/env bash
# Trains every model of configs/models/ on the same sessions, one after another, and goes on after a failure. What is completed
# is not run again, so an interrupted batch goes on where it stopped. Further arguments are those of `gradbook train-all`:
#
#   experiments/run_all_models.sh --max_epochs 50 --jobs 2 --devices 0,1
set -euo pipefail
cd "$(dirname "$0")/.."

MODELS=${MODELS:-configs/models/*.yaml}
SESSIONS=${SESSIONS:-configs/sessions/demo.yaml}

# shellcheck disable=SC2086 # a pattern of several files
exec npx gradbook train-all $MODELS --dataset_configs_path "$SESSIONS" --keep_going "$@"

#!/usr/bin/env node
import { runCli } from "../run-cli";

// The program `train_multidataset.py` of the Lightning package, for one GPU, with its defaults.
const defaults = ["--precision", "bf16", "--homogeneous_batches", "--early_stopping_patience", "10"];
runCli(["train", ...defaults, ...process.argv.slice(2)]);

#!/usr/bin/env node
import { runCli } from "../run-cli";

// The program `train_ddp_multidataset.py` of the Lightning package, with its default precision.
runCli(["train", "--precision", "bf16", ...process.argv.slice(2)]);

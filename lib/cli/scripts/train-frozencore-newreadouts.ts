#!/usr/bin/env node
import { runCli } from "../run-cli";

// The program `train_frozencore_newreadouts.py` of the Lightning package.
runCli(["train-frozencore", ...process.argv.slice(2)]);

import { syncBuiltinESMExports } from "node:module";
import workerThreads from "node:worker_threads";
import { BlockingQuestions } from "../questions";
import { installRuntime } from "./runtime";
import { mapStacks, Stacks } from "./stacks";
import { step } from "./steps";
import { compileWorkers, type UserThreadData } from "./user-workers";

/** Runs a TypeScript file of the user as a thread of its own, in which it finds its own `workerData` and arguments. */
const { file, folder, line, data } = workerThreads.workerData as UserThreadData;
Reflect.set(workerThreads, "workerData", data);
syncBuiltinESMExports();
process.argv[1] = file;

const questions = new BlockingQuestions(line);
const stacks = new Stacks();
const { loader } = installRuntime(
  {
    resolveModule: (name, from) => step(() => questions.ask("resolveModule", name, from)),
    compileModule: (module) => step(() => questions.ask("compileModule", module)),
  },
  folder,
  stacks,
  () => false,
);
compileWorkers(questions, folder);
mapStacks((stack) => stacks.mapped(stack));
// An error ends the thread, and its starter receives the event `error`.
void loader.importFile(file);

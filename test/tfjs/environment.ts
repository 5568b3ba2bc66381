import "@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops";
import "@tensorflow/tfjs-core/dist/register_all_gradients";
import { setTestEnvs } from "@tensorflow/tfjs-core/dist/jasmine_util";
import "../../lib/engine/backend";

// Before a test file is loaded: `describeWithFlags` makes one suite per environment. tfjs-node's name for its own is
// part of the tests' names, and so of its skip list.
setTestEnvs([{ name: "test-tensorflow", backendName: "tensorflow", flags: {}, isDataSync: true }]);

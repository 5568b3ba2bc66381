import { Progress, setUp } from "../../lib/cli/setup";
import { pinnedVenvStep } from "../../lib/cli/setup/stamped-venv";
import { TEST_VENV } from "./python";

/** Before the first test: the Python packages that tests read and write files with. */
export async function setup(): Promise<void> {
  const step = pinnedVenvStep({
    title: "Python packages of the tests in .venv-test",
    venv: TEST_VENV,
    requirements: "requirements-test.txt",
    bytes: 8e8,
    env: process.env,
  });
  await setUp([step], new Progress(process.stderr));
}

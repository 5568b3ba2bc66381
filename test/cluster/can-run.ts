import { makeHosts, removeHosts } from "../launch/hosts";
import { installLaunchers } from "./set-up";

/* Installs the launchers. Where this machine does not allow the tests of clusters, it prints the reason and exits with 1. */
const problem = installLaunchers() ?? makeHosts();
removeHosts();
if (problem) {
  console.log(problem);
  process.exitCode = 1;
}

export { check } from "./check";
export { ConfigError, type Problem } from "./errors";
export { checkAll, problemsOf } from "./problems";
export { notOneOf } from "./suggest";
export { readYaml } from "./yaml";

export { check } from "./check";
export { ConfigError, type Problem } from "./errors";
export { checkedBy } from "./nested";
export { type Part, part, partOf } from "./part";
export { below, type Place, problemAt } from "./place";
export { checkAll, problemsOf } from "./problems";
export { notOneOf } from "./suggest";
export { isUserType, modulesNamedIn, type UserType, userExport } from "./user-module";
export { readYaml } from "./yaml";

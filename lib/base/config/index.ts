export { check, checkedBy, type OptionsOf } from "./check";
export { ConfigError, checkAll, notOneOf, type Problem, problemsOf, shorten } from "./errors";
export { checkTyped, type Part, part, partOf, typeNames, typeOf } from "./part";
export { isUserType, modulesNamedIn, type UserType, userExport } from "./user-module";
export { below, type Place, problemAt, readYaml } from "./yaml";

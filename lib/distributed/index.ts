export { type Accelerator, type Allotment, allot, type Devices, thisMachine } from "./devices";
export { Link } from "./link";
export { LaunchError } from "./logs";
export { type Place, placeOf } from "./place";
export { type Program, Supervisor } from "./supervisor";

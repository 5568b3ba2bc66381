export { type Accelerator, type Allotment, allot, type Devices, type Machine, thisMachine } from "./devices";
export { LaunchError } from "./launch-error";
export { Link, type LinkOptions } from "./link";
export { type Place, placeOf } from "./place";
export { type Program, type SuperviseOptions, Supervisor } from "./supervisor";

export { type Accelerator, type Allotment, allot, type Devices, thisMachine } from "./devices";
export { LaunchError } from "./launch-error";
export { Link } from "./link";
export { type Place, placeOf } from "./place";
export { type Program, Supervisor } from "./supervisor";

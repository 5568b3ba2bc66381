export { type ClusterEnvironment, clusterEnvironment } from "./cluster-environment";
export { type Accelerator, type Allotment, allot, type Devices, thisMachine } from "./devices";
export { LaunchError } from "./logs";
export { RendezvousClient } from "./rendezvous-client";
export { type Program, Supervisor } from "./supervisor";

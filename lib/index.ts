/// <reference types="node" preserve="true" />
/// <reference types="long" preserve="true" />

export * from "./deprecated";
export * from "./gradbook";

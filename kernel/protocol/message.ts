/** https://jupyter-client.readthedocs.io/en/stable/messaging.html */
export const PROTOCOL = "5.5";

export interface Header {
  msg_id: string;
  msg_type: string;
  session: string;
  username: string;
  date: string;
  version: string;
}

/** A message from a client, after its signature was found right. */
export interface Request {
  channel: "shell" | "control" | "stdin";
  /** Where the answer goes. */
  identities: Uint8Array[];
  header: Header;
  parentHeader: Partial<Header>;
  metadata: Record<string, unknown>;
  content: Record<string, unknown>;
  buffers: Uint8Array[];
}

/** What Jupyter writes for a kernel: where to listen, and the key of signatures. */
export interface Connection {
  transport: string;
  ip: string;
  key: string;
  signature_scheme: string;
  shell_port: number;
  control_port: number;
  stdin_port: number;
  iopub_port: number;
  hb_port: number;
}

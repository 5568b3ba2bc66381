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

/** A message from a client with a valid signature. */
export interface Request {
  channel: "shell" | "control" | "stdin";
  /** The addresses for the answer. */
  identities: Uint8Array[];
  header: Header;
  parentHeader: Partial<Header>;
  metadata: Record<string, unknown>;
  content: Record<string, unknown>;
  buffers: Uint8Array[];
}

/** The connection file that Jupyter writes for a kernel: the addresses to listen on, and the key of signatures. */
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

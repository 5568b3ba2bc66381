/** https://jupyter-client.readthedocs.io/en/stable/messaging.html */
export const PROTOCOL = "5.5";

export interface Header {
  msg_id: string;
  msg_type: string;
  session: string;
  username: string;
  date: string;
  version: string;
  /** The subshell that a request is for; none for the main shell. */
  subshell_id?: string | null;
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

/** Returns the type of the reply to a request. */
export const replyType = ({ msg_type }: Pick<Header, "msg_type">): string =>
  msg_type.replace("_request", "_reply");

/** Returns the content of kernel_info_reply. */
export const kernelInfo = (version: string) => ({
  status: "ok",
  protocol_version: PROTOCOL,
  implementation: "gradbook",
  implementation_version: version,
  language_info: {
    name: "typescript",
    version: "6.0",
    mimetype: "text/typescript",
    file_extension: ".ts",
    // The name of CodeMirror's language in JupyterLab 4.
    codemirror_mode: "typescript",
    nbconvert_exporter: "script",
  },
  banner: `gradbook ${version}: TypeScript 6.0 on Node ${process.versions.node}`,
  help_links: [{ text: "TypeScript handbook", url: "https://www.typescriptlang.org/docs/handbook/" }],
  debugger: true,
  supported_features: ["debugger", "kernel subshells"],
});

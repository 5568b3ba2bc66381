import { PROTOCOL } from "./message";

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
    codemirror_mode: { name: "javascript", typescript: true },
    nbconvert_exporter: "script",
  },
  banner: `gradbook ${version}: TypeScript 6.0 on Node ${process.versions.node}`,
  help_links: [{ text: "TypeScript handbook", url: "https://www.typescriptlang.org/docs/handbook/" }],
  debugger: false,
  supported_features: [],
});

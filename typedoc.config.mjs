import { Converter } from "typedoc";

/** The guides, in the order of the sidebar. */
const GUIDES = [
  "train",
  "callbacks",
  "configs",
  "session-format",
  "convert",
  "simulation",
  "static-images",
  "experiments",
  "export",
  "own-models",
  "engine",
  "launch",
  "clusters",
  "notebooks",
  "batch",
  "search",
  "migrating",
  "benchmarks",
  "troubleshooting",
];

/** Names each page by its first heading, and groups the pages. */
function pages(app) {
  app.converter.on(Converter.EVENT_CREATE_DOCUMENT, (_, page) => {
    page.frontmatter.group ??= page.name.startsWith("docs/") ? "Guides" : "Project";
    const text = page.content.map((part) => part.text).join("");
    page.name = /^# (.+)$/m.exec(text)?.[1] ?? page.name;
  });
}

/** The options of `npm run docs`, which writes the guides and the API reference as one site. */
export default {
  name: "gradbook",
  entryPoints: ["lib/gradbook.ts", "lib/*/index.ts"],
  groupReferencesByType: true,
  tsconfig: "tsconfig.build.json",
  out: "site",
  plugin: [pages],
  readme: "README.md",
  projectDocuments: [
    ...GUIDES.map((name) => `docs/${name}.md`),
    ...["CHANGELOG.md", "ARCHITECTURE.md", "CONTRIBUTING.md"],
  ],
  groupOrder: ["Guides", "Modules", "Project", "*"],
  sort: ["kind", "alphabetical-ignoring-documents"],
  headings: { readme: false, document: false },
  navigation: { includeGroups: true },
  searchInComments: true,
  searchInDocuments: true,
  highlightLanguages: ["javascript", "json", "matlab", "python", "sh", "typescript", "yaml"],
  // Links to the code lead to the repository, on every machine alike.
  disableGit: true,
  gitRevision: "main",
  sourceLinkTemplate: "https://github.com/gradbook/gradbook/blob/{gitRevision}/{path}#L{line}",
  basePath: ".",
  displayBasePath: ".",
  excludeExternals: true,
  externalSymbolLinkMappings: {
    "@tensorflow/tfjs-core": { "*": "https://js.tensorflow.org/api/latest/" },
  },
  excludePrivate: true,
  excludeInternal: true,
  skipErrorChecking: true,
  treatValidationWarningsAsErrors: true,
  validation: { invalidLink: true, notExported: true, notDocumented: true },
  // The constants from which types are derived.
  intentionallyNotExported: [
    ...["CLIP_ALGORITHMS", "PRECISIONS", "STAGES"],
    ...["modelSchema", "optionsSchema", "regularizerSchema"],
  ],
  // Members of other libraries' objects, and methods that are documented at `BatchSource`.
  intentionallyNotDocumented: [
    ...["Layer.activation.__type.getClassName", "LayerWeight.constraint.__type.apply"].map(
      (name) => `gradbook/layers.${name}`,
    ),
    ...["trainBatches", "trainBatchCount", "validationBatches", "validationBatchCount", "testBatches"].map(
      (name) => `gradbook.TrainingModule.${name}`,
    ),
  ],
  // All but properties, whose names and types often say enough.
  requiredToBeDocumented: [
    ...["Accessor", "Class", "Enum", "EnumMember", "Function", "Interface", "Method", "TypeAlias", "Variable"],
  ],
};

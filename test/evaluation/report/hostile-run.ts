import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { writeSafetensors } from "../../../lib/trainer/checkpoint/safetensors";
import { NOTHING_GOES_ON } from "../../../lib/trainer/checkpoint/state";

/** Texts that become elements, or end the surrounding script, if they are not escaped. */
export const HOSTILE = [
  "</SCRIPT><script>hacked = 1</script>",
  "<!--<script>",
  `"><img src=x onerror="hacked = 2">`,
  "'><svg onload='hacked = 3'>",
  "</title></style><iframe src=javascript:hacked=4>",
  "<a href='javascript:hacked = 5'>here</a>",
  "&lt;b&gt;\u0000\ud800",
] as const;

/** Text of files outside the run, which no page may show. */
export const SECRET = "the neighbour's secret";

/**
 * Writes a run's folder as an attacker could send it: with hostile texts wherever a text is shown, pictures outside the
 * folder, and a configuration that names a module which writes a file `ran` beside itself.
 *
 * @param folder is created
 */
export function writeHostileRun(folder: string): void {
  mkdirSync(join(folder, "pictures", HOSTILE[1].replaceAll("/", "")), { recursive: true });
  mkdirSync(join(folder, "checkpoints"));
  writeFileSync(join(folder, "..", "secret.svg"), SECRET);
  symlinkSync(join("..", "..", "secret.svg"), join(folder, "pictures", "link.svg"));
  symlinkSync("../..", join(folder, "pictures", "way"));
  for (const name of ["one.svg", "two.svg"])
    writeFileSync(
      join(folder, "pictures", name),
      '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>',
    );
  const [first, comment, image, svg, title, link, entity] = HOSTILE;
  const outside = [
    "../secret.svg",
    "pictures/link.svg",
    "pictures/way/secret.svg",
    "/etc/passwd",
    "pictures",
  ];
  const events = [
    { event: "fit_start", name: first, folder: title, parameters: 3, max_epochs: 2, steps_per_epoch: 1 },
    { event: "warning", message: first },
    { event: "warning", message: image },
    ...[0, 1].flatMap((epoch) => [
      {
        event: "step",
        epoch,
        step: epoch + 1,
        train_loss: 2 - epoch,
        lr: 1e-3,
        samples_per_s: 9,
        [`train_${svg}`]: 1,
      },
      {
        event: "validation",
        epoch,
        step: epoch + 1,
        train_loss: 2 - epoch,
        val_loss: 1,
        [`val_${first}`]: 1,
        [`val_${comment}`]: 1,
        [link]: 1,
        [entity]: 2,
      },
    ]),
    {
      event: "picture",
      epoch: `1"><script>hacked = 7</script>`,
      step: 1,
      name: title,
      path: "pictures/one.svg",
    },
    { event: "picture", epoch: 0, step: 1, name: title, path: "pictures/one.svg" },
    { event: "picture", epoch: 1, step: 2, name: title, path: "pictures/two.svg" },
    ...outside.flatMap((path) =>
      [0, 1].map((epoch) => ({ event: "picture", epoch, step: 1, name: `outside ${path}`, path })),
    ),
    {
      event: "checkpoint",
      epoch: 1,
      step: 2,
      path: "checkpoints/last.safetensors",
      monitor: image,
      score: 1,
    },
    { event: "fit_end", epoch: 1, step: 2, stopped: svg, seconds: 1 },
  ];
  const lines = events.map((event, time) => `${JSON.stringify({ time, ...event })}\n`);
  writeFileSync(join(folder, "events.jsonl"), lines.join(""));
  writeFileSync(
    join(folder, "evil.cjs"),
    'require("node:fs").writeFileSync(require("node:path").join(__dirname, "ran"), "");\nexports.Evil = 3;\n',
  );
  const config = {
    model: { convnet: { type: "./evil.cjs#Evil" }, readout: { type: "linear" }, [first]: title },
    sessions: [{ session: image, file: "/nowhere.h5", types: [svg], cids: [1] }],
    input: { lags: 1, height: 3, width: 3, units: [1] },
    trainer: { name: first, [comment]: image },
  };
  writeFileSync(join(folder, "config.yaml"), JSON.stringify(config));
  const state = { format: 1, epoch: 1, step: 2, seed: 0, metrics: {}, ...NOTHING_GOES_ON, config: {} };
  writeSafetensors(join(folder, "checkpoints", "last.safetensors"), {
    tensors: new Map([[first, { shape: [1, 3, 3, 1, 1], values: new Float32Array(9).fill(1) }]]),
    metadata: { gradbook: JSON.stringify(state) },
  });
}

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { escapeHtml } from "../jupyter";
import type { RecordedRun } from "./open-run";

/** The pictures that a run wrote while it went on, as HTML: one at a time of each kind, and a slider over the epochs. */
export function picturesOverEpochs({ folder, events }: RecordedRun): string {
  const byName = new Map<string, { epoch: number; uri: string }[]>();
  for (const event of events) {
    if (event.event !== "picture") continue;
    const path = join(folder, event.path);
    if (!existsSync(path)) continue;
    const uri = `data:image/svg+xml;base64,${readFileSync(path).toString("base64")}`;
    byName.set(event.name, [...(byName.get(event.name) ?? []), { epoch: event.epoch, uri }]);
  }
  const kinds = [...byName].filter(([, pictures]) => pictures.length > 1);
  return kinds
    .map(([name, pictures]) => {
      const images = pictures.map(
        ({ epoch, uri }, i) =>
          `<img alt="${escapeHtml(name)} after epoch ${epoch + 1}" data-epoch="${epoch + 1}" src="${uri}"${i < pictures.length - 1 ? " hidden" : ""}>`,
      );
      const last = pictures.length - 1;
      return (
        `<div class="over-epochs"><h3>${escapeHtml(name)}</h3><label>epoch <output>${pictures[last]!.epoch + 1}</output> ` +
        `<input type="range" min="0" max="${last}" value="${last}" oninput="${SHOW}"></label><div>${images.join("")}</div></div>`
      );
    })
    .join("");
}

const SHOW =
  "const all = this.closest('.over-epochs'); all.querySelectorAll('img').forEach((img, i) => { img.hidden = i != this.value; " +
  "if (!img.hidden) all.querySelector('output').textContent = img.dataset.epoch; });";

import { readFileSync } from "node:fs";
import { fileInside } from "../../base/files/folder";
import { type Html, html, joinHtml } from "../../base/jupyter/table";
import type { RecordedRun } from "./open-run";

/**
 * Builds a section of the pictures that a run wrote during training: one picture of each kind at a time, with a slider
 * over the epochs that `OVER_EPOCHS` controls. Only files in the run's folder are embedded. Undefined when no kind has
 * two pictures.
 */
export function picturesOverEpochs({ folder, summary }: RecordedRun): Html | undefined {
  const byName = new Map<string, { epoch: number; uri: string }[]>();
  for (const event of summary.pictures) {
    const path = fileInside(folder, event.path);
    if (!path) continue;
    const uri = `data:image/svg+xml;base64,${readFileSync(path).toString("base64")}`;
    byName.set(event.name, [...(byName.get(event.name) ?? []), { epoch: event.epoch, uri }]);
  }
  const kinds = [...byName].filter(([, pictures]) => pictures.length > 1);
  if (kinds.length === 0) return undefined;
  return joinHtml(
    kinds.map(([name, pictures]) => {
      const last = pictures.length - 1;
      const images = pictures.map(({ epoch, uri }, i) => {
        const hidden = i < last ? html` hidden` : "";
        return html`<img alt="${name} after epoch ${epoch + 1}" data-epoch="${epoch + 1}" src="${uri}"${hidden}>`;
      });
      return html`<div class="over-epochs"><h3>${name}</h3><label>epoch <output>${pictures[last]!.epoch + 1}</output> <input type="range" min="0" max="${last}" value="${last}"></label><div>${images}</div></div>`;
    }),
  );
}

/** The text of the script that shows the picture of the selected epoch. */
export const OVER_EPOCHS = `for (const kind of document.querySelectorAll(".over-epochs")) {
  kind.querySelector("input").addEventListener("input", ({ target }) => {
    kind.querySelectorAll("img").forEach((picture, i) => {
      picture.hidden = i !== Number(target.value);
      if (!picture.hidden) kind.querySelector("output").textContent = picture.dataset.epoch;
    });
  });
}`;

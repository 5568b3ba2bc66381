import { BACKENDS } from "./twin/backend";
import { openTwin } from "./twin/open-twin";
import { PageSource } from "./twin/page-source";
import { hashOf, stateOf } from "./view/state";
import { TwinPage } from "./view/view";

/** The time in milliseconds after a change before the link in the address bar follows. */
const CALM = 200;

/** Opens the twin of this folder, and keeps its state in the fragment of the address. */
async function main(): Promise<void> {
  const root = document.querySelector("main")!;
  const wanted = new URLSearchParams(location.search).get("backend");
  const folder = new URL(".", location.href).href;
  try {
    const opened = await openTwin(
      folder,
      BACKENDS.find((name) => name === wanted),
    );
    const { about } = opened;
    document.title = `${about.name}: a digital twin`;
    document.querySelector("h1")!.textContent = about.name;
    const page = new TwinPage(root, new PageSource(opened), stateOf(location.hash, about));
    let timer = 0;
    page.store.watch((state) => {
      clearTimeout(timer);
      timer = window.setTimeout(() => history.replaceState(null, "", hashOf(state, about)), CALM);
    });
    addEventListener("hashchange", () => page.store.set(stateOf(location.hash, about)));
    await page.run();
  } catch (error) {
    root.textContent = `The twin cannot be shown: ${(error as Error).message}`;
  }
}

void main();

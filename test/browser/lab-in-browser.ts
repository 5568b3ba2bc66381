import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll } from "vitest";
import { startBrowser } from "./chromium";
import { copyOfProject, type Lab, startLab } from "./lab";

/** JupyterLab, and the browser that opens its pages. */
interface LabInBrowser {
  /** Returns the address of JupyterLab's page for a file of the project's copy. */
  url(file: string): string;
  /** Opens an empty page. Its size is in pixels. */
  newPage(size: { width: number; height: number }): Promise<Page>;
}

/**
 * Starts JupyterLab and Chromium before the tests of a file, and ends them after these tests.
 *
 * @param project the folder for a copy of the project, in which JupyterLab runs
 * @param prepare changes the copy before JupyterLab starts
 */
export function labInBrowser(project: string, prepare: () => void): LabInBrowser {
  let lab: Lab;
  let browser: Browser;
  beforeAll(async () => {
    copyOfProject(project);
    prepare();
    lab = await startLab(project);
    browser = await startBrowser();
  }, 400_000);
  afterAll(async () => {
    await browser?.close();
    await lab?.close();
  }, 60_000);
  return {
    url: (file) => lab.url(file),
    async newPage(viewport) {
      const page = await browser.newPage({ viewport });
      page.setDefaultTimeout(30_000);
      return page;
    },
  };
}

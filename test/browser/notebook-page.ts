import type { Locator, Page } from "playwright-core";

/** A notebook in JupyterLab, as a user sees it. */
export class NotebookPage {
  constructor(readonly page: Page) {}

  /** Opens it and waits until its kernel is there. */
  async open(url: string): Promise<void> {
    await this.page.goto(url);
    await this.cell(0).waitFor();
    await this.idle();
  }

  /** Code cells, from 0. */
  cell = (index: number): Locator => this.page.locator(".jp-CodeCell").nth(index);

  output = (index: number): Locator => this.cell(index).locator(".jp-OutputArea");

  /** The picture that is drawn anew while a cell trains. */
  livePlot = (index: number): Locator => this.output(index).locator(".jp-RenderedSVG").first();

  /** The number in a cell's margin: "*" while it runs. */
  prompt = async (index: number): Promise<string> =>
    ((await this.cell(index).locator(".jp-InputPrompt").first().textContent()) ?? "").replace(
      /[[\]:\s]/g,
      "",
    );

  menu = async (menu: string, entry: string): Promise<void> => {
    await this.page.getByRole("menuitem", { name: menu, exact: true }).click();
    await this.page.getByRole("menuitem", { name: entry, exact: true }).click();
  };

  runAll = () => this.menu("Run", "Run All Cells");

  /** A button of the toolbar. */
  press = (command: string) => this.page.locator(`[data-command="notebook:${command}"]`).first().click();

  stop = () => this.press("interrupt-kernel");

  async restart(): Promise<void> {
    await this.press("restart-kernel");
    await this.page.getByRole("button", { name: "Confirm Kernel Restart" }).click();
    await this.idle();
  }

  /** Saves, and waits until the server has the file. */
  async save(): Promise<void> {
    const written = this.page.waitForResponse(
      (response) => response.request().method() === "PUT" && response.url().includes("/api/contents/"),
    );
    await this.page.keyboard.press("Escape");
    await this.page.keyboard.press("Control+s");
    await written;
  }

  /** Waits until the status bar says that the kernel is there and has nothing to do. */
  idle = () =>
    this.page
      .locator("#jp-main-statusbar")
      .getByText(/TypeScript.*\| Idle/)
      .waitFor({ timeout: 60_000 });

  /** Writes a new cell below all others and runs it. */
  async append(code: string): Promise<number> {
    const cells = this.page.locator(".jp-CodeCell");
    await cells.last().locator(".cm-content").click();
    await this.page.keyboard.press("Escape");
    await this.page.keyboard.press("b");
    await this.page.keyboard.press("Enter");
    await this.page.keyboard.insertText(code);
    await this.page.keyboard.press("Control+Enter");
    return (await cells.count()) - 1;
  }
}

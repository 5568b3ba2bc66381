import { expect, test, vi } from "vitest";
import { DISPLAY, display, inNotebook, newDisplay } from "../../../lib/base/jupyter/display";
import { Table } from "../../../lib/base/jupyter/table";

const rows = [
  { session: "luke_1", units: 24, share: 0.5123456 },
  { session: "a<b", units: 1300, share: 1 },
];

test("shows a table as aligned text in a terminal and as HTML in a notebook", () => {
  const table = new Table(rows, "sessions");
  expect(String(table)).toBe(
    ["sessions", "session  units   share", "luke_1      24  0.5123", "a<b      1,300       1"].join("\n"),
  );
  expect(table[DISPLAY]()["text/html"]).toContain("<td>a&#60;b</td><td>1,300</td>");
});

test("prints the text outside a notebook", () => {
  const printed = vi.spyOn(console, "log").mockImplementation(() => {});
  expect(inNotebook()).toBe(false);
  display(new Table(rows, "once"));
  const handle = newDisplay(new Table(rows));
  handle.update({ "text/plain": "again" });
  display([1, "two"]);
  expect(printed.mock.calls.map(([line]) => line)).toEqual([
    String(new Table(rows, "once")),
    String(new Table(rows)),
    "again",
    "[ 1, 'two' ]",
  ]);
  printed.mockRestore();
});

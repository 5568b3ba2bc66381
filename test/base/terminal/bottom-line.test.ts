import { Writable } from "node:stream";
import { expect, test } from "vitest";
import { BottomLine } from "../../../lib/base/terminal/bottom-line";
import { TrainProgress } from "../../../lib/cli/train/command";

/** A terminal and the rows of its screen; a line feed begins a new row. */
function terminal(isTTY = true) {
  let written = "";
  const stream = new Writable({
    write(chunk, _encoding, done) {
      written += chunk;
      done();
    },
  });
  const rows = () => {
    const settings = ["\x1b7", "\x1b8", "\x1b[?25l", "\x1b[?25h", "\x1b[?7l", "\x1b[?7h", "\x1b[0K"];
    const plain = settings.reduce((text, one) => text.replaceAll(one, ""), written);
    // The line is erased, or overwritten from its beginning.
    const last = (row: string) => row.replaceAll("\x1b[1G", "\r\x1b[2K").split("\r\x1b[2K").at(-1);
    return plain.split("\n").map(last);
  };
  return { out: Object.assign(stream, { isTTY, columns: 80 }), rows };
}

function drawn(isTTY = true) {
  const screen = terminal(isTTY);
  const bottom = new BottomLine(screen.out, []);
  bottom.begin({
    wipe: () => bottom.screen.write("\r\x1b[2K"),
    draw: () => bottom.screen.write("=== 50%"),
  });
  return { ...screen, bottom };
}

test("keeps other output above the bottom line and redraws the line", () => {
  const { out, rows, bottom } = drawn();
  bottom.screen.write("=== 50%");
  out.write("a warning\n");
  out.write(Buffer.from("two\nlines\n"));
  expect(rows()).toEqual(["a warning", "two", "lines", "=== 50%"]);
  bottom.end();
  out.write("\nafter\n");
  expect(rows()).toEqual(["a warning", "two", "lines", "=== 50%", "after", ""]);
});

test("writes a line that is printed in pieces once it is complete, or at the end", () => {
  const { out, rows, bottom } = drawn();
  bottom.screen.write("=== 50%");
  out.write("to");
  expect(rows()).toEqual(["=== 50%"]);
  out.write("gether\nand mo");
  expect(rows()).toEqual(["together", "=== 50%"]);
  bottom.screen.write("\n");
  bottom.end();
  expect(rows()).toEqual(["together", "=== 50%", "and mo"]);
});

test("changes nothing where the output is not a terminal", () => {
  const { out, rows } = drawn(false);
  out.write("a");
  out.write("b\n");
  expect(rows()).toEqual(["ab", ""]);
});

test("gives a warning during gradbook train its own line above the bar", () => {
  const { out, rows } = terminal();
  const progress = new TrainProgress(out);
  const start = { event: "fit_start", name: "a", folder: "runs/a", parameters: 5 } as const;
  progress.observe({ ...start, max_epochs: 2, steps_per_epoch: 10 });
  const step = { event: "step", epoch: 0, train_loss: 0.5, lr: 1e-3, samples_per_s: 640 } as const;
  progress.observe({ ...step, step: 5 });
  out.write("the disk is full\n");
  const [title, warning, bar] = rows();
  expect([title, warning]).toEqual(["a: 5 parameters, 2 epochs of 10 steps", "the disk is full"]);
  expect(bar).toBe("epoch 1/2  loss 0.5000  0 s left  640 samples/s  ███░░░░░░░░░ 25%");
  progress.close();
  out.write("after\n");
  expect(rows().slice(3)).toEqual(["after", ""]);
});

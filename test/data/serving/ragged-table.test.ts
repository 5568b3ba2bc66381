import { expect, test } from "vitest";
import { RaggedTable } from "../../../lib/data/serving/ragged-table";
import { compile, memory, tf } from "../../../lib/engine";

/** The value of a session's row and column, small enough for a uint8. */
const valueAt = (session: number, row: number, column: number) => (session * 50 + row * 7 + column) % 251;

type Kind = { new (length: number): Uint8Array | Uint16Array | Float32Array };

const part = (session: number, rows: number, columns: number, Type: Kind, scale = 1) => ({
  values: new Type(rows * columns).map(
    (_, i) => scale * valueAt(session, Math.floor(i / columns), i % columns),
  ),
  columns,
});

test.each([
  ["equal numbers of columns", [part(0, 5, 6, Uint8Array), part(1, 3, 6, Uint8Array)], [1, 1]],
  ["multiples of a number", [part(0, 5, 6, Uint8Array), part(1, 3, 9, Uint8Array)], [1, 1]],
  ["no common divisor", [part(0, 5, 7, Uint8Array), part(1, 3, 4, Uint8Array)], [1, 1]],
  ["several types", [part(0, 5, 6, Uint16Array, 200), part(1, 3, 4, Float32Array, 0.25)], [200, 0.25]],
])("gathers rows of sessions with %s", async (_, parts, scales) => {
  const before = memory().tensors;
  const table = new RaggedTable(parts);
  const columns = Math.max(...parts.map((each) => each.columns));
  expect(table.columns).toBe(columns);
  const sessions = [0, 1, 1, -1, 0, 1];
  const rows = [4, 0, 2, 1000, 0, 1];
  const gathered = compile((session: tf.Tensor1D, row: tf.Tensor1D) => table.rows(session, row));
  const [session, row] = [tf.tensor1d(sessions, "int32"), tf.tensor1d(rows, "int32")];
  const found = await gathered(session, row);
  const expected = sessions.flatMap((s, i) =>
    Array.from({ length: columns }, (__, c) =>
      s >= 0 && c < parts[s]!.columns ? scales[s]! * valueAt(s, rows[i]!, c) : 0,
    ),
  );
  expect(found.shape).toEqual([6, columns]);
  expect([...found.dataSync()]).toEqual(expected);
  tf.dispose([found, session, row]);
  gathered.dispose();
  table.dispose();
  expect(memory().tensors).toBe(before);
});

test("gathers several rows for each sample", () => {
  const table = new RaggedTable([part(0, 5, 2, Uint8Array), part(1, 3, 3, Uint8Array)]);
  const found = tf.tidy(() => {
    const session = tf.tensor2d([[0, 0], [1, 1], [-1, -1]], [3, 2], "int32"); // biome-ignore format: a matrix
    return table.rows(session, tf.tensor2d([[0, 1], [2, 1], [0, 0]], [3, 2], "int32")); // biome-ignore format: a matrix
  });
  expect(found.shape).toEqual([3, 2, 3]);
  expect([...found.dataSync()]).toEqual([0, 1, 0, 7, 8, 0, 64, 65, 66, 57, 58, 59, 0, 0, 0, 0, 0, 0]);
  found.dispose();
  table.dispose();
});

import { expect, test } from "vitest";
import { type Event, next, START } from "../../kernel/sockets/life";

/** Returns the phase after some events, and the effects of the last one. */
function after(...events: Event[]) {
  let [life, effects] = [START, [] as object[]];
  for (const event of events) ({ life, effects } = next(life, event));
  return { phase: life.phase, target: life.target, cell: life.cell, effects };
}

const begin = (cell: number): Event => ({ type: "begin", cell });
const end = (cell: number): Event => ({ type: "end", cell });
const heard = (order: number): Event => ({ type: "heard", order });
const timeout = (listeners = 0): Event => ({ type: "timeout", listeners });
const interrupt: Event = { type: "interrupt" };

test("aborts the signal of the running cell at the first interrupt", () => {
  const effects = [{ do: "ask", cell: 3, order: 1 }];
  expect(after(begin(3), interrupt)).toEqual({ phase: "asked", target: 3, cell: 3, effects });
  expect(after(begin(3), interrupt, heard(1), end(3))).toMatchObject({ phase: "undisturbed", cell: 0 });
});

test("lets a cell with listeners save, and ends it at the second interrupt", () => {
  const saving = [begin(3), interrupt, heard(1), timeout(1)];
  expect(after(...saving)).toMatchObject({ phase: "saving", effects: [{ do: "note" }] });
  expect(after(...saving, end(3)).phase).toBe("undisturbed");
  expect(after(...saving, interrupt).effects).toEqual([{ do: "force", cell: 3, order: 2 }]);
});

test("frees a blocked main thread of subshells, so that the cell can save", () => {
  const effects = [{ do: "note" }, { do: "free", cell: 3, order: 1 }];
  expect(after(begin(3), interrupt, timeout(1))).toMatchObject({ phase: "saving", effects });
});

test("ends a cell without listeners when the main thread confirms its death", () => {
  const forced = [begin(3), interrupt, heard(1), timeout()];
  expect(after(...forced)).toMatchObject({ phase: "forced", effects: [{ do: "force", cell: 3, order: 2 }] });
  expect(after(...forced, heard(2))).toEqual({
    phase: "undisturbed",
    target: 3,
    cell: 0,
    effects: [{ do: "conclude", cell: 3, held: false }],
  });
});

test("terminates a blocked main thread, and concludes when it answers to the last order", () => {
  const terminating = [begin(3), interrupt, timeout(), timeout()];
  expect(after(...terminating).effects).toEqual([{ do: "terminate", cell: 3, order: 2 }]);
  expect(after(...terminating, heard(1))).toMatchObject({ phase: "terminating", effects: [] });
  expect(after(...terminating, heard(1), heard(2)).effects).toEqual([
    { do: "conclude", cell: 3, held: false },
  ]);
});

test("reports a cell that does not stop, and tries to end it again at every further interrupt", () => {
  const attempts = Array.from({ length: 8 }, () => timeout());
  expect(after(begin(3), interrupt, timeout(), ...attempts)).toMatchObject({ phase: "terminating" });
  const stuck = [begin(3), interrupt, timeout(), ...attempts, timeout()];
  expect(after(...stuck)).toMatchObject({
    phase: "stuck",
    cell: 0,
    effects: [{ do: "conclude", cell: 3, held: true }],
  });
  expect(after(...stuck, interrupt).effects).toEqual([{ do: "force", cell: 3, order: 3 }]);
  expect(after(...stuck, interrupt, timeout()).effects).toEqual([{ do: "terminate", cell: 3, order: 3 }]);
  expect(after(...stuck, interrupt, timeout(), ...attempts)).toMatchObject({ phase: "stuck", effects: [] });
  expect(after(...stuck, interrupt, timeout(), heard(3))).toMatchObject({
    phase: "undisturbed",
    effects: [],
  });
});

test("assigns an interrupt received while idle to the cell that was already queued", () => {
  const queued = [interrupt, begin(4)];
  expect(after(...queued, { type: "meant", cell: 4 })).toMatchObject({ phase: "asked", target: 4 });
  // A cell that blocks the main thread before it could confirm the interrupt was queued before it.
  expect(after(...queued, timeout()).effects).toEqual([{ do: "force", cell: 4, order: 2 }]);
});

test("stops a cell that began after an interrupt of the work of earlier cells", () => {
  const background = [interrupt, heard(1), begin(4)];
  expect(after(...background, timeout(1))).toMatchObject({ phase: "saving", target: 0 });
  expect(after(...background, interrupt).effects).toEqual([{ do: "ask", cell: 4, order: 2 }]);
  expect(after(...background, timeout(), timeout(), interrupt).effects).toEqual([
    { do: "ask", cell: 4, order: 3 },
  ]);
});

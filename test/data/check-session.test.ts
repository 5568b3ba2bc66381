import { expect, test } from "vitest";
import { ConfigError } from "../../lib/base/config";
import { checkSession } from "../../lib/data/check-session";
import { tinySession } from "../fuzz/tiny-session";

test("accepts a session that can be read back", () => {
  expect(() => checkSession("a.nwb", tinySession())).not.toThrow();
});

test("reports the problems of units and of all recordings together", () => {
  const session = tinySession();
  const [type, recording] = Object.entries(session.recordings)[0]!;
  const bad = {
    ...session,
    cids: [3, 3],
    groups: [0],
    recordings: {
      [type]: { ...recording, eyepos: recording.eyepos.slice(2) },
      second: { ...recording, robs: recording.robs.map(() => -1) },
    },
  };
  expect(() => checkSession("a.nwb", bad)).toThrow(
    new ConfigError("a.nwb", [
      { path: "cids", message: "has 3 at 0 and again at 1; each unit needs a unique id" },
      { path: "unit_groups", message: "has 1 rows, but there are 2 units: one row for each" },
      { path: "noise/eyepos", message: "has 46 values, but 24 frames of 2 are 48" },
      {
        path: "second/robs",
        message:
          "is -1 at frame 0, column 0, and 47 more like it; spike counts must be finite and 0 or more; for other responses state `responses: calcium or zscores`, or --kind of convert",
      },
    ]),
  );
});

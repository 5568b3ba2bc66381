import { expect, test } from "vitest";
import { checkpointName, checkTemplate } from "../../lib/callbacks/checkpoint-name";

const NUMBERS = { epoch: 7, step: 1200, val_bps_overall: 0.125, val_loss: -0.5, "val_bps/Ada": 0.0312 };

// The right sides are what Python 3.11 and pytorch_lightning 2.6 make of the templates.
test.each([
  ["{epoch:02d}-{val_bps_overall:.4f}", "epoch=07-val_bps_overall=0.1250"],
  ["{epoch}-{step}", "epoch=7-step=1200"],
  ["best_{val_loss:.1e}", "best_val_loss=-5.0e-01"],
  ["{val_loss:08.3f}", "val_loss=-000.500"],
  ["{val_loss:.2}", "val_loss=-0.5"],
  ["{step:6d}", "step=  1200"],
  ["plain", "plain"],
])("fills in %s", (template, name) => {
  checkTemplate(template, "test");
  expect(checkpointName(template, NUMBERS)).toBe(name);
});

test("writes the slash of a session's metric as an underscore", () => {
  expect(checkpointName("{val_bps/Ada:.2f}", NUMBERS)).toBe("val_bps_Ada=0.03");
});

test("rejects an unknown metric, and a template that is not a file name", () => {
  expect(() => checkpointName("{val_acc:.4f}", NUMBERS)).toThrow(
    'There is no metric "val_acc" to monitor; available: epoch, step, val_bps_overall, val_loss, val_bps/Ada.',
  );
  const refused = (template: string) => {
    try {
      checkTemplate(template, "ModelCheckpoint");
    } catch (error) {
      return (error as Error).message;
    }
  };
  expect(refused("runs/{epoch}")).toBe(
    'ModelCheckpoint: filename: "runs/{epoch}" must be a file\'s name without folders',
  );
  expect(refused("{epoch:>3}")).toBe(
    'ModelCheckpoint: filename: has the format ">3" in {epoch:>3}; allowed are those of Python for numbers, such as 02d, .4f, .3e',
  );
  expect(refused("{epoch")).toBe(
    'ModelCheckpoint: filename: "{epoch" has a brace without its partner; write {name} or {name:.4f}',
  );
});

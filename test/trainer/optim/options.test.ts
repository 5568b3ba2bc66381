import { expect, test } from "vitest";
import { tf } from "../../../lib/engine";
import { type OptimizerOptions, parseOptimizer } from "../../../lib/trainer/optim/config";
import { Trainer } from "../../../lib/trainer/trainer";

const refusal = (optimizer: unknown): string => {
  try {
    new Trainer({ optimizer: optimizer as OptimizerOptions });
  } catch (error) {
    return (error as Error).message;
  }
  return "accepted";
};

test.each([
  [
    { type: "adamx" },
    'Trainer: optimizer.type: "adamx" is not one of: adamw, adam, sgd, lion, muon (did you mean "adamw"?)',
  ],
  [
    { momentum: 0.9 },
    'Trainer: optimizer: unknown key "momentum" is not one of: type, lr, coreLrScale, weightDecay, betas, eps; it is an option of sgd, muon',
  ],
  [
    { type: "sgd", momentun: 0.9 },
    'Trainer: optimizer: unknown key "momentun" is not one of: type, lr, coreLrScale, weightDecay, momentum, nesterov (did you mean "momentum"?)',
  ],
  [
    { type: "lion", eps: 1e-8 },
    'Trainer: optimizer: unknown key "eps" is not one of: type, lr, coreLrScale, weightDecay, betas; it is an option of adamw, adam, muon',
  ],
  [
    { type: "adam", betas: [0.9, 1] },
    "Trainer: optimizer.betas.1: too big: expected number to be <1; found 1",
  ],
  [
    { type: "adam", betas: 0.9 },
    "Trainer: optimizer.betas: must be two numbers of at least 0 and below 1, such as [0.9, 0.999]; found 0.9",
  ],
  [
    { type: "sgd", nesterov: true },
    "Trainer: optimizer.nesterov: needs a momentum over 0, such as momentum: 0.9; found true",
  ],
  [
    { type: "muon", adjustLrFn: "rms" },
    'Trainer: optimizer.adjustLrFn: "rms" is not one of: original, match_rms_adamw',
  ],
  [
    { lr: -1, type: "sgd", momentum: 2, betas: [0, 0] },
    "Trainer:\n" +
      '  - optimizer: unknown key "betas" is not one of: type, lr, coreLrScale, weightDecay, momentum, nesterov; it is an option of adamw, adam, lion, muon\n' +
      "  - optimizer.lr: too small: expected number to be >0; found -1\n" +
      "  - optimizer.momentum: too big: expected number to be <1; found 2",
  ],
  [
    { type: 3 },
    "Trainer: optimizer.type: must be one of adamw, adam, sgd, lion, muon, ./file.ts#export, an optimizer of tfjs, or a function; found 3",
  ],
  [
    "sgd",
    'Trainer: optimizer: must be an object such as { type: "adamw", lr: 1e-3 }, an optimizer of tfjs, or a function; found "sgd"',
  ],
  [() => ({ update() {} }), "accepted"],
])("%j", (optimizer, message) => {
  expect(refusal(optimizer)).toBe(message);
});

test("rejects a tfjs optimizer that another process could not construct", () => {
  class Mine extends tf.SGDOptimizer {
    static override get className() {
      return "Mine";
    }
  }
  const refused =
    "Trainer: optimizer.type: Mine is not registered; call tf.serialization.registerClass(Mine) first";
  expect(refusal(new Mine(0.1))).toBe(refused);
  tf.serialization.registerClass(Mine);
  expect(refusal(new Mine(0.1))).toBe("accepted");
  expect(refusal(new Mine(0))).toBe(
    "Trainer: optimizer.type: Mine has the learning rate 0; it must be a number over 0",
  );
});

test("takes AdamW's defaults, and the defaults of a tfjs optimizer from tfjs", () => {
  expect(parseOptimizer({})).toEqual({
    type: "adamw",
    lr: 1e-4,
    coreLrScale: 1,
    weightDecay: 1e-5,
    betas: [0.9, 0.999],
    eps: 1e-8,
  });
  expect(parseOptimizer(tf.train.momentum(0.1, 0.9))).toEqual({
    type: "tfjs",
    lr: 0.1,
    coreLrScale: 1,
    weightDecay: 0,
    className: "Momentum",
    config: { learningRate: 0.1, momentum: 0.9, useNesterov: false },
  });
});

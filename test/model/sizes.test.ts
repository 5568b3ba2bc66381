import { expect, test } from "vitest";
import { parseModelConfig } from "../../lib/model";
import { planModel } from "../../lib/model/plan";

const INPUT = { lags: 8, height: 24, width: 24, units: [8, 5] };

/** Plans a model whose convnet has one block. */
function plan(block: object, channels: unknown = [8], input = INPUT) {
  const config = {
    convnet: { type: "cnn", params: { channels, block_configs: [block] } },
    readout: { type: "factorized" },
  };
  return planModel(parseModelConfig(config, "model.yaml"), input, "model.yaml");
}
const conv = (conv_params: object) => ({ conv_params: { type: "standard", ...conv_params } });

test.each([2 ** 31, 1e9, 1e15, 1e308, -1e308])("rejects a padding of %d by name without delay", (padding) => {
  const began = performance.now();
  expect(() => plan(conv({ kernel_size: [2, 3, 3], padding: [0, 0, padding] }))).toThrow(
    `model.yaml: convnet.params.block_configs.0.conv_params.padding.2: is ${padding}; it cannot be more than 65,536`,
  );
  expect(performance.now() - began).toBeLessThan(1000);
});

test("rejects a weight that exceeds any memory, by its name", () => {
  const blocks = [conv({ kernel_size: [2, 9, 9] }), conv({ kernel_size: [2, 1, 1] })];
  const input = { ...INPUT, lags: 3, height: 9, width: 9 };
  const config = {
    convnet: { type: "cnn", params: { channels: [60_000, 60_000], block_configs: blocks } },
    readout: { type: "linear" },
  };
  expect(() => planModel(parseModelConfig(config, "model.yaml"), input, "model.yaml")).toThrow(
    /convnet\.[\w.]*weight: the weight \[[\d, ]+\] would have [\d.]+ GB; make its layer smaller/,
  );
});

test("rejects a stage whose output exceeds any memory for one sample, by its name", () => {
  const input = { ...INPUT, height: 60_000, width: 60_000 };
  expect(() => plan(conv({ kernel_size: [2, 3, 3] }), [8], input)).toThrow(
    /convnet: would keep [\d.]+ TB for each sample; make its sizes smaller/,
  );
});

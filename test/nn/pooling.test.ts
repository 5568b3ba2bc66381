import { expect, test } from "vitest";
import { tf } from "../../lib/engine";
import { planConvBlock } from "../../lib/nn";
import { pools } from "../../lib/nn/pool";

test("adaptive pooling gives the gradient to the first of several maxima, as PyTorch does", () => {
  const input = { time: 2, height: 1, width: 5, channels: 1 };
  const at = { where: "model.yaml", path: "pool_params" };
  const { plan } = pools.adaptivemax!.plan({ kernel_size: [1, 1, 3] }, at, input, planConvBlock);
  const x = tf.tensor5d([0, 2, 2, 1, 2, 1, 2, 0, 2, 2], [1, 2, 1, 5, 1]);
  const none = () => {
    throw new Error("it has no weights");
  };
  const weighted = (x: tf.Tensor) =>
    tf.sum(
      tf.mul(
        plan.apply(x as tf.Tensor5D, none, { training: true }),
        tf.tensor5d([1, 10, 100], [1, 1, 1, 3, 1]),
      ),
    );
  // torch.nn.functional.adaptive_max_pool3d(x, (1, 1, 3)), cotangent [1, 10, 100]
  expect(Array.from(tf.grad(weighted)(x).dataSync())).toEqual([0, 11, 0, 0, 100, 0, 0, 0, 0, 0]);
});

import { tf } from "../../engine";

/** What one step keeps for its gradient; the first has neither a state before it nor a reset gate. */
interface Kept {
  readonly z: tf.Tensor4D;
  readonly n: tf.Tensor4D;
  readonly r?: tf.Tensor4D;
  readonly state?: tf.Tensor4D;
}

interface Recurrence {
  readonly time: number;
  /** Whether all states are wanted or the last one only. */
  readonly sequence: boolean;
}

/**
 * `z, r = sigmoid(share + state * gates)`, `n = tanh(share + (r state) * out)`, `state' = state + z (n - state)`, from the
 * state 0; `*` is a convolution that keeps the size.
 *
 * Its gradient is written out (backpropagation through time): the gradient of a kernel is then one convolution over all
 * steps instead of one for each and a sum, and no step pads the gradients of its slices to the size of all.
 *
 * @param shares the inputs' part of update, reset and candidate, `[T * B, H, W, 3 hidden]`, time first
 * @param gates kernel of update and reset, `[k, k, hidden, 2 hidden]`
 * @param out kernel of the candidate, `[k, k, hidden, hidden]`
 * @returns all states, `[T * B, H, W, hidden]`, or the last, `[B, H, W, hidden]`
 */
export function recur(
  shares: tf.Tensor4D,
  gates: tf.Tensor4D,
  out: tf.Tensor4D,
  recurrence: Recurrence,
): tf.Tensor4D {
  const withGradient = tf.customGrad((...given) => {
    const [sharesIn, gatesIn, outIn, save] = given as [
      tf.Tensor4D,
      tf.Tensor4D,
      tf.Tensor4D,
      tf.GradSaveFunc,
    ];
    const { states, kept } = forward(sharesIn, gatesIn, outIn, recurrence);
    save([gatesIn, outIn, ...kept.flatMap(({ z, n, r, state }) => (r && state ? [z, n, r, state] : [z, n]))]);
    return {
      value: recurrence.sequence ? tf.concat(states, 0) : states.at(-1)!,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [gatesKept, outKept, z, n, ...rest] = saved as tf.Tensor4D[];
        const steps: Kept[] = [{ z: z!, n: n! }];
        for (let i = 0; i < rest.length; i += 4)
          steps.push({ z: rest[i]!, n: rest[i + 1]!, r: rest[i + 2]!, state: rest[i + 3]! });
        return backward(dy as tf.Tensor4D, steps, gatesKept!, outKept!, recurrence);
      },
    };
  });
  return withGradient(shares, gates, out) as tf.Tensor4D;
}

function forward(shares: tf.Tensor4D, gates: tf.Tensor4D, out: tf.Tensor4D, { time }: Recurrence) {
  const hidden = out.shape[3];
  const kept: Kept[] = [];
  const states: tf.Tensor4D[] = [];
  for (const share of tf.split(shares, time, 0)) {
    const [gate, candidate] = tf.split(share, [2 * hidden, hidden], 3) as [tf.Tensor4D, tf.Tensor4D];
    const state = states.at(-1);
    if (!state) {
      const z = tf.sigmoid(tf.slice(gate, [0, 0, 0, 0], [-1, -1, -1, hidden]));
      const n = tf.tanh(candidate);
      kept.push({ z, n });
      states.push(tf.mul(z, n));
      continue;
    }
    const zr = tf.sigmoid(tf.add(gate, tf.conv2d(state, gates, 1, "same")));
    const [z, r] = tf.split(zr, 2, 3) as [tf.Tensor4D, tf.Tensor4D];
    const n = tf.tanh(
      tf.add<tf.Tensor4D>(candidate, tf.conv2d(tf.mul<tf.Tensor4D>(r, state), out, 1, "same")),
    );
    kept.push({ z, n, r, state });
    states.push(tf.add(state, tf.mul(z, tf.sub(n, state))));
  }
  return { states, kept };
}

/** Gradients of shares, gates and out. Step by step from the last; `d` before a name is the gradient of what it names. */
function backward(
  dy: tf.Tensor4D,
  steps: readonly Kept[],
  gates: tf.Tensor4D,
  out: tf.Tensor4D,
  { time, sequence }: Recurrence,
): tf.Tensor[] {
  const ofStates = sequence ? tf.split(dy, time, 0) : [];
  let dState = sequence ? ofStates.at(-1)! : dy;
  const dGates: tf.Tensor4D[] = [];
  const dCandidates: tf.Tensor4D[] = [];
  for (let t = time - 1; t >= 0; t--) {
    const { z, n, r, state } = steps[t]!;
    const dn = tf.mul<tf.Tensor4D>(dState, z);
    const dCandidate = tanhGrad(dn, n);
    dCandidates.unshift(dCandidate);
    if (!r || !state) {
      const dUpdate = sigmoidGrad(tf.mul(dState, n), z);
      dGates.unshift(tf.concat([dUpdate, tf.zerosLike(dUpdate)], 3));
      break;
    }
    const dUpdate = sigmoidGrad(tf.mul(dState, tf.sub(n, state)), z);
    const dSeen = inputGradient(dCandidate, out, state.shape);
    const dGate = tf.concat([dUpdate, sigmoidGrad(tf.mul(dSeen, state), r)], 3);
    dGates.unshift(dGate);
    const terms = [tf.sub(dState, dn), tf.mul(dSeen, r), inputGradient(dGate, gates, state.shape)];
    dState = tf.addN(sequence ? [...terms, ofStates[t - 1]!] : terms);
  }
  const dGate = tf.concat(dGates, 0);
  const dCandidate = tf.concat(dCandidates, 0);
  const dShares = tf.concat([dGate, dCandidate], 3);
  if (time === 1) return [dShares, tf.zerosLike(gates), tf.zerosLike(out)];
  const later = steps.slice(1);
  const states = tf.concat(later.map(({ state }) => state!));
  const seen = tf.mul<tf.Tensor4D>(tf.concat(later.map(({ r }) => r!)), states);
  return [
    dShares,
    kernelGradient(states, tf.concat(dGates.slice(1)), gates.shape),
    kernelGradient(seen, tf.concat(dCandidates.slice(1)), out.shape),
  ];
}

const SAME = { strides: 1, pad: "same", dataFormat: "NHWC", dimRoundingMode: undefined } as const;

const run = (kernel: string, inputs: tf.NamedTensorMap, attributes: object = {}) =>
  tf.engine().runKernel(kernel, inputs, attributes as tf.NamedAttrMap) as tf.Tensor4D;

const inputGradient = (dy: tf.Tensor4D, filter: tf.Tensor4D, inputShape: readonly number[]) =>
  run(tf.Conv2DBackpropInput, { dy, filter }, { ...SAME, inputShape });

const kernelGradient = (x: tf.Tensor4D, dy: tf.Tensor4D, filterShape: readonly number[]) =>
  run(tf.Conv2DBackpropFilter, { x, dy }, { ...SAME, filterShape });

const sigmoidGrad = (dy: tf.Tensor4D, kept: tf.Tensor4D) => run("SigmoidGrad", { dy, kept });
const tanhGrad = (dy: tf.Tensor4D, kept: tf.Tensor4D) => run("TanhGrad", { dy, kept });

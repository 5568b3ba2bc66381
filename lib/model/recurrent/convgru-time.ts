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

interface Operands {
  /** The inputs' part of update and candidate, `[T * B, H, W, 2 hidden]`, time first. */
  readonly shares: tf.Tensor4D;
  /** The inputs' part of the reset gate, from the second frame on, `[(T - 1) * B, H, W, hidden]`; unused with one frame. */
  readonly resets: tf.Tensor4D;
  /** Kernel of update and reset, `[k, k, hidden, 2 hidden]`. */
  readonly gates: tf.Tensor4D;
  /** Kernel of the candidate, `[k, k, hidden, hidden]`. */
  readonly out: tf.Tensor4D;
}

/**
 * `z, r = sigmoid(share + state * gates)`, `n = tanh(share + (r state) * out)`, `state' = state + z (n - state)`, from the
 * state 0; `*` is a convolution that keeps the size.
 *
 * Its gradient is written out (backpropagation through time): the gradient of a kernel is then one convolution over all
 * steps instead of one for each and a sum, and no step pads the gradients of its slices to the size of all.
 *
 * @returns all states, `[T * B, H, W, hidden]`, or the last, `[B, H, W, hidden]`
 */
export function recur({ shares, resets, gates, out }: Operands, recurrence: Recurrence): tf.Tensor4D {
  const withGradient = tf.customGrad((...given) => {
    const [shares, resets, gates, out] = given as tf.Tensor[] as [
      tf.Tensor4D,
      tf.Tensor4D,
      tf.Tensor4D,
      tf.Tensor4D,
    ];
    const save = given.at(-1) as tf.GradSaveFunc;
    const { states, kept } = forward({ shares, resets, gates, out }, recurrence);
    const ofSteps = kept.flatMap(({ z, n, r, state }) => (r && state ? [z, n, r, state] : [z, n]));
    save([resets, gates, out, ...ofSteps]);
    return {
      value: recurrence.sequence ? tf.concat(states, 0) : states.at(-1)!,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [resets, gates, out, z, n, ...rest] = saved as tf.Tensor4D[];
        const steps: Kept[] = [{ z: z!, n: n! }];
        for (let i = 0; i < rest.length; i += 4)
          steps.push({ z: rest[i]!, n: rest[i + 1]!, r: rest[i + 2]!, state: rest[i + 3]! });
        const operands = { resets: resets!, gates: gates!, out: out! };
        return backward(dy as tf.Tensor4D, steps, operands, recurrence);
      },
    };
  });
  return withGradient(shares, resets, gates, out) as tf.Tensor4D;
}

function forward({ shares, resets, gates, out }: Operands, { time }: Recurrence) {
  const kept: Kept[] = [];
  const states: tf.Tensor4D[] = [];
  const ofReset = time > 1 ? tf.split(resets, time - 1, 0) : [];
  for (const [t, share] of tf.split(shares, time, 0).entries()) {
    const [update, candidate] = tf.split(share, 2, 3) as [tf.Tensor4D, tf.Tensor4D];
    const state = states.at(-1);
    if (!state) {
      const [z, n] = [tf.sigmoid(update), tf.tanh(candidate)] as const;
      kept.push({ z, n });
      states.push(tf.mul(z, n));
      continue;
    }
    const [toUpdate, toReset] = tf.split(tf.conv2d(state, gates, 1, "same"), 2, 3) as [
      tf.Tensor4D,
      tf.Tensor4D,
    ];
    const z = tf.sigmoid(tf.add(update, toUpdate)) as tf.Tensor4D;
    const r = tf.sigmoid(tf.add(ofReset[t - 1]!, toReset)) as tf.Tensor4D;
    const n = tf.tanh(
      tf.add<tf.Tensor4D>(candidate, tf.conv2d(tf.mul<tf.Tensor4D>(r, state), out, 1, "same")),
    );
    kept.push({ z, n, r, state });
    states.push(tf.add(state, tf.mul(z, tf.sub(n, state))));
  }
  return { states, kept };
}

/** Gradients of shares, resets, gates and out. Step by step from the last; `d` before a name is the gradient of what it names. */
function backward(
  dy: tf.Tensor4D,
  steps: readonly Kept[],
  { resets, gates, out }: Omit<Operands, "shares">,
  { time, sequence }: Recurrence,
): tf.Tensor[] {
  const ofStates = sequence ? tf.split(dy, time, 0) : [];
  let dState = sequence ? ofStates.at(-1)! : dy;
  const dShares: tf.Tensor4D[] = [];
  const dCandidates: tf.Tensor4D[] = [];
  const dGates: tf.Tensor4D[] = [];
  for (let t = time - 1; t >= 0; t--) {
    const { z, n, r, state } = steps[t]!;
    const dn = tf.mul<tf.Tensor4D>(dState, z);
    const dCandidate = tanhGrad(dn, n);
    const dUpdate = sigmoidGrad(tf.mul(dState, state ? tf.sub(n, state) : n), z);
    dShares.unshift(tf.concat([dUpdate, dCandidate], 3));
    if (!r || !state) break;
    const dSeen = inputGradient(dCandidate, out, state.shape);
    const dGate = tf.concat([dUpdate, sigmoidGrad(tf.mul(dSeen, state), r)], 3);
    dCandidates.unshift(dCandidate);
    dGates.unshift(dGate);
    const terms = [tf.sub(dState, dn), tf.mul(dSeen, r), inputGradient(dGate, gates, state.shape)];
    dState = tf.addN(sequence ? [...terms, ofStates[t - 1]!] : terms);
  }
  const ofShares = tf.concat(dShares, 0);
  if (time === 1) return [ofShares, ...[resets, gates, out].map((x) => tf.zerosLike(x))];
  const later = steps.slice(1);
  const states = tf.concat(later.map(({ state }) => state!));
  const seen = tf.mul<tf.Tensor4D>(tf.concat(later.map(({ r }) => r!)), states);
  const dGate = tf.concat(dGates);
  const [, dReset] = tf.split(dGate, 2, 3);
  return [
    ofShares,
    dReset!,
    kernelGradient(states, dGate, gates.shape),
    kernelGradient(seen, tf.concat(dCandidates), out.shape),
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

import { tf } from "../../engine";

/** The values that one step keeps for its gradient. The first step has no previous state and no reset gate. */
interface SavedGates {
  readonly z: tf.Tensor4D;
  readonly n: tf.Tensor4D;
  readonly r?: tf.Tensor4D;
  readonly state?: tf.Tensor4D;
}

interface Recurrence {
  readonly time: number;
  /** Whether all states are returned or only the last one. */
  readonly sequence: boolean;
}

interface Operands {
  /** The first frame's contribution to update and candidate, `[B, H, W, 2 hidden]`. */
  readonly first: tf.Tensor4D;
  /** The later frames' contribution to update, reset and candidate, `[(T - 1) * B, H, W, 3 hidden]`, time first; unused with one frame. */
  readonly later: tf.Tensor4D;
  /** The kernel of update and reset, `[k, k, hidden, 2 hidden]`. */
  readonly gates: tf.Tensor4D;
  /** The kernel of the candidate, `[k, k, hidden, hidden]`. */
  readonly out: tf.Tensor4D;
}

/**
 * Computes `z, r = sigmoid(share + state * gates)`, `n = tanh(share + (r state) * out)`, `state' = state + z (n - state)`, starting from
 * the state 0; `*` is a same-size convolution.
 *
 * It has an explicit gradient (backpropagation through time). The gradient of a kernel is then one convolution over all steps instead of
 * a sum of one per step, and no step pads the gradients of its slices to the full size.
 *
 * @returns all states, `[T * B, H, W, hidden]`, or the last, `[B, H, W, hidden]`
 */
export function recur({ first, later, gates, out }: Operands, recurrence: Recurrence): tf.Tensor4D {
  const withGradient = tf.customGrad((...given) => {
    const [first, later, gates, out] = given as tf.Tensor[] as [
      tf.Tensor4D,
      tf.Tensor4D,
      tf.Tensor4D,
      tf.Tensor4D,
    ];
    const save = given.at(-1) as tf.GradSaveFunc;
    const { states, kept } = forward({ first, later, gates, out }, recurrence);
    const ofSteps = kept.flatMap(({ z, n, r, state }) => (r && state ? [z, n, r, state] : [z, n]));
    save([later, gates, out, ...ofSteps]);
    return {
      value: recurrence.sequence ? tf.concat(states, 0) : states.at(-1)!,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [later, gates, out, z, n, ...rest] = saved as tf.Tensor4D[];
        const steps: SavedGates[] = [{ z: z!, n: n! }];
        for (let i = 0; i < rest.length; i += 4)
          steps.push({ z: rest[i]!, n: rest[i + 1]!, r: rest[i + 2]!, state: rest[i + 3]! });
        const operands = { later: later!, gates: gates!, out: out! };
        return backward(dy as tf.Tensor4D, steps, operands, recurrence);
      },
    };
  });
  return withGradient(first, later, gates, out) as tf.Tensor4D;
}

function forward({ first, later, gates, out }: Operands, { time }: Recurrence) {
  const [update, candidate] = halves(first);
  const [z, n] = [tf.sigmoid(update), tf.tanh(candidate)] as const;
  const kept: SavedGates[] = [{ z, n }];
  const states: tf.Tensor4D[] = [tf.mul(z, n)];
  const hidden = out.shape[3];
  for (const share of time > 1 ? tf.split(later, time - 1, 0) : []) {
    const state = states.at(-1)!;
    const [toGates, candidate] = tf.split(share, [2 * hidden, hidden], 3) as [tf.Tensor4D, tf.Tensor4D];
    const [z, r] = halves(tf.sigmoid(tf.add(toGates, tf.conv2d(state, gates, 1, "same"))));
    const n = tf.tanh(
      tf.add<tf.Tensor4D>(candidate, tf.conv2d(tf.mul<tf.Tensor4D>(r, state), out, 1, "same")),
    );
    kept.push({ z, n, r, state });
    states.push(tf.add(state, tf.mul(z, tf.sub(n, state))));
  }
  return { states, kept };
}

/** Computes the gradients of first, later, gates and out, step by step from the last. The prefix `d` marks the gradient of a value. */
function backward(
  dy: tf.Tensor4D,
  steps: readonly SavedGates[],
  { later, gates, out }: Omit<Operands, "first">,
  { time, sequence }: Recurrence,
): tf.Tensor[] {
  const ofStates = sequence ? tf.split(dy, time, 0) : [];
  let dState = sequence ? ofStates.at(-1)! : dy;
  const dCandidates: tf.Tensor4D[] = [];
  const dGates: tf.Tensor4D[] = [];
  for (let t = time - 1; t > 0; t--) {
    const { z, n, r, state } = steps[t] as Required<SavedGates>;
    const dn = tf.mul<tf.Tensor4D>(dState, z);
    const dCandidate = tanhGrad(dn, n);
    const dUpdate = sigmoidGrad(tf.mul(dState, tf.sub(n, state)), z);
    const dSeen = inputGradient(dCandidate, out, state.shape);
    const dGate = tf.concat([dUpdate, sigmoidGrad(tf.mul(dSeen, state), r)], 3);
    dCandidates.unshift(dCandidate);
    dGates.unshift(dGate);
    const terms = [tf.sub(dState, dn), tf.mul(dSeen, r), inputGradient(dGate, gates, state.shape)];
    dState = tf.addN(sequence ? [...terms, ofStates[t - 1]!] : terms);
  }
  const { z, n } = steps[0]!;
  const dFirst = tf.concat([sigmoidGrad(tf.mul(dState, n), z), tanhGrad(tf.mul(dState, z), n)], 3);
  if (time === 1) return [dFirst, ...[later, gates, out].map((x) => tf.zerosLike(x))];
  const after = steps.slice(1) as Required<SavedGates>[];
  const states = tf.concat(after.map(({ state }) => state));
  const seen = tf.mul<tf.Tensor4D>(tf.concat(after.map(({ r }) => r)), states);
  const [dGate, dCandidate] = [tf.concat(dGates), tf.concat(dCandidates)];
  return [
    dFirst,
    tf.concat([dGate, dCandidate], 3),
    kernelGradient(states, dGate, gates.shape),
    kernelGradient(seen, dCandidate, out.shape),
  ];
}

const halves = (x: tf.Tensor4D) => tf.split(x, 2, 3) as [tf.Tensor4D, tf.Tensor4D];

const SAME = { strides: 1, pad: "same", dataFormat: "NHWC", dimRoundingMode: undefined } as const;

const run = (kernel: string, inputs: tf.NamedTensorMap, attributes: object = {}) =>
  tf.engine().runKernel(kernel, inputs, attributes as tf.NamedAttrMap) as tf.Tensor4D;

const inputGradient = (dy: tf.Tensor4D, filter: tf.Tensor4D, inputShape: readonly number[]) =>
  run(tf.Conv2DBackpropInput, { dy, filter }, { ...SAME, inputShape });

const kernelGradient = (x: tf.Tensor4D, dy: tf.Tensor4D, filterShape: readonly number[]) =>
  run(tf.Conv2DBackpropFilter, { x, dy }, { ...SAME, filterShape });

const sigmoidGrad = (dy: tf.Tensor4D, kept: tf.Tensor4D) => run("SigmoidGrad", { dy, kept });
const tanhGrad = (dy: tf.Tensor4D, kept: tf.Tensor4D) => run("TanhGrad", { dy, kept });

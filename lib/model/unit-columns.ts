import { tf } from "../engine";
import { groupedDots, groupedMatMul } from "../engine/grouped";

/** Results of some sessions: `[B, columns]` of the `UnitColumns` of these sessions. */
export interface OfSessions {
  readonly sessions: readonly number[];
  readonly values: tf.Tensor2D;
}

/**
 * The unit axis of what a head computes for B samples: L columns, either all units of all sessions, or the own units of each sample. The
 * tensors of each session, `ofSessions`, are those of a weight: one for each session, in order.
 */
export interface UnitColumns {
  /** L */
  readonly count: number;
  /**
   * Returns the values of the columns' units.
   *
   * @param ofSessions one tensor for each session, with its units along `axis`
   * @returns with an axis of samples in front: `[B or 1, ..., L, ...]`; 0 in columns without a unit
   */
  values(ofSessions: readonly tf.Tensor[], axis?: number): tf.Tensor;
  /** Computes `[B, M, K]` times `[K, units]` of each column's session: `[B, M, L]`. */
  matMul(x_BMK: tf.Tensor3D, ofSessions: readonly tf.Tensor2D[]): tf.Tensor3D;
  /**
   * Computes the scalar products of pixels with the columns' features: `[B, k, L]`.
   *
   * @param image `[B, P, C]`
   * @param pixels int32 `[B, k, L]`
   * @param ofSessions `[units, C]`
   */
  dots(image: tf.Tensor3D, pixels: tf.Tensor3D, ofSessions: readonly tf.Tensor2D[]): tf.Tensor3D;
  /** Returns the columns of each session's units, `[B, lags, units]`, of `[B, lags, L]`. */
  split(x_BTL: tf.Tensor3D): tf.Tensor3D[];
  /** Returns the columns of some sessions, which are numbered from 0. */
  of(sessions: readonly number[]): UnitColumns;
  /** Joins results of sessions that together are all sessions. */
  join(parts: readonly OfSessions[]): tf.Tensor2D;
}

/** All units of all sessions for every sample, in the order of sessions. */
export class AllUnits implements UnitColumns {
  readonly count: number;

  /** @param units the number of units of each session */
  constructor(private readonly units: readonly number[]) {
    this.count = units.reduce((a, b) => a + b, 0);
  }

  values(ofSessions: readonly tf.Tensor[], axis = 0): tf.Tensor {
    return tf.expandDims(tf.concat([...ofSessions], axis), 0);
  }

  matMul(x: tf.Tensor3D, ofSessions: readonly tf.Tensor2D[]): tf.Tensor3D {
    const [batch, rows, inner] = x.shape;
    const product = tf.matMul(
      tf.reshape(x, [batch * rows, inner]) as tf.Tensor2D,
      tf.concat([...ofSessions], 1),
    );
    return tf.reshape(product, [batch, rows, this.count]);
  }

  dots(image: tf.Tensor3D, pixels: tf.Tensor3D, ofSessions: readonly tf.Tensor2D[]): tf.Tensor3D {
    const oneGroup = tf.tensor1d([image.shape[0]], "int32");
    return groupedDots(image, pixels, [tf.concat([...ofSessions], 0)], oneGroup);
  }

  split(x: tf.Tensor3D): tf.Tensor3D[] {
    return tf.split(x, [...this.units], 2);
  }

  of(sessions: readonly number[]): UnitColumns {
    return new AllUnits(sessions.map((session) => this.units[session]!));
  }

  join(parts: readonly OfSessions[]): tf.Tensor2D {
    const ordered: tf.Tensor2D[] = [];
    for (const { sessions, values } of parts) {
      const sizes = sessions.map((session) => this.units[session]!);
      tf.split(values, sizes, 1).forEach((part, i) => {
        ordered[sessions[i]!] = part as tf.Tensor2D;
      });
    }
    return tf.concat(ordered, 1);
  }
}

/** The order of a batch's samples in which those of a session are consecutive. */
export interface SessionOrder {
  /** The session of each sample in this order, int32 `[B]`; padding samples are spread over the sessions. */
  readonly session: tf.Tensor1D;
  /** The number of samples of each session, int32 `[S]`. */
  readonly sizes: tf.Tensor1D;
  /** Brings the samples of a tensor into this order. */
  sort<T extends tf.Tensor>(x: T): T;
  /** Brings samples back into the order of the batch. */
  unsort<T extends tf.Tensor>(x: T): T;
}

/** Finds the order of a batch's samples by session. @param dataset_B int32; -1 for padding samples */
export function sessionOrder(dataset_B: tf.Tensor1D, sessions: number): SessionOrder {
  const [batch] = dataset_B.shape;
  const numbers = tf.range(0, batch, 1, "int32") as tf.Tensor1D;
  const padding = tf.less(dataset_B, tf.scalar(0, "int32"));
  // The memory of a step follows the session with the most samples.
  const session = tf.where(padding, tf.mod(numbers, tf.scalar(sessions, "int32")), dataset_B);
  const keys = tf.add(tf.mul(session, tf.scalar(batch, "int32")), numbers);
  const ascending = (x: tf.Tensor) => tf.topk(tf.neg(x), batch).indices as tf.Tensor1D;
  const order = ascending(keys);
  const inverse = ascending(order);
  const each = tf.equal(tf.expandDims(session, 1), tf.range(0, sessions, 1, "int32"));
  return {
    session: tf.gather(session, order) as tf.Tensor1D,
    sizes: tf.sum(tf.cast(each, "int32"), 0),
    sort: (x) => tf.gather(x, order),
    unsort: (x) => tf.gather(x, inverse),
  };
}

/**
 * The own units of each sample: column u of a sample is unit u of its session, and L is the largest number of units of a session. The work
 * follows the units that the samples have.
 */
export class OwnUnits implements UnitColumns {
  readonly count: number;

  /**
   * @param units the number of units of each session that a result includes; 0 for the others
   * @param order the samples' sessions; all tensors with samples have its order
   * @param sessions the sessions of the tensors `ofSessions`
   */
  constructor(
    private readonly units: readonly number[],
    private readonly order: SessionOrder,
    private readonly sessions: readonly number[] = units.map((_, session) => session),
  ) {
    this.count = Math.max(...units);
  }

  values(ofSessions: readonly tf.Tensor[], axis = 0): tf.Tensor {
    const padded = this.spread(ofSessions, axis).map((x) => padTo(x, this.count, axis));
    return tf.gather(tf.stack(padded), this.order.session);
  }

  matMul(x: tf.Tensor3D, ofSessions: readonly tf.Tensor2D[]): tf.Tensor3D {
    const [batch, rows, inner] = x.shape;
    const sizes = tf.mul<tf.Tensor1D>(this.order.sizes, tf.scalar(rows, "int32"));
    const flat = tf.reshape(x, [batch * rows, inner]) as tf.Tensor2D;
    const product = groupedMatMul(flat, this.spread(ofSessions, 1) as tf.Tensor2D[], sizes);
    return tf.reshape(product, [batch, rows, this.count]);
  }

  dots(image: tf.Tensor3D, pixels: tf.Tensor3D, ofSessions: readonly tf.Tensor2D[]): tf.Tensor3D {
    return groupedDots(image, pixels, this.spread(ofSessions, 0) as tf.Tensor2D[], this.order.sizes);
  }

  split(x: tf.Tensor3D): tf.Tensor3D[] {
    return this.sessions.map((session) => tf.slice(x, [0, 0, 0], [-1, -1, this.units[session]!]));
  }

  of(sessions: readonly number[]): UnitColumns {
    const units = this.units.map((n, session) => (sessions.includes(session) ? n : 0));
    return new OwnUnits(units, this.order, sessions);
  }

  join(parts: readonly OfSessions[]): tf.Tensor2D {
    return parts
      .map(({ sessions, values }) => ({ sessions, values: padTo(values, this.count, 1) as tf.Tensor2D }))
      .reduce((all, { sessions, values }) => {
        const own = this.units.map((_, session) => sessions.includes(session));
        const chosen = tf.gather(tf.tensor1d(own, "bool"), this.order.session);
        return { sessions, values: tf.where(tf.expandDims(chosen, 1), values, all.values) };
      }).values;
  }

  /** Returns a tensor for each session of the batch, without units for those that have none here. */
  private spread(ofSessions: readonly tf.Tensor[], axis: number): tf.Tensor[] {
    if (this.sessions.length === this.units.length) return [...ofSessions];
    const shape = [...ofSessions[0]!.shape];
    shape[axis] = 0;
    return this.units.map((_, session) => ofSessions[this.sessions.indexOf(session)] ?? tf.zeros(shape));
  }
}

/** Adds zeros at the end of an axis up to a length. */
function padTo(x: tf.Tensor, length: number, axis: number): tf.Tensor {
  const missing = length - x.shape[axis]!;
  if (missing === 0) return x;
  return tf.pad(
    x,
    x.shape.map((_, i): [number, number] => [0, i === axis ? missing : 0]),
  );
}

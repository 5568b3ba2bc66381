import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";

/**
 * A seeded random number generator whose numbers are the same on every machine. Each purpose uses its own named generator, so that
 * drawing more numbers for one purpose does not change the numbers of another.
 */
export class Random {
  private readonly generator: ReturnType<typeof xoroshiro128plus>;
  private spare: number | undefined;

  constructor(
    private readonly seed: number,
    private readonly name = "",
  ) {
    this.generator = xoroshiro128plus(hash(`${seed}/${name}`));
    // The first steps mix the 32 bits of the seed into the 128 bits of the generator's state.
    for (let i = 0; i < 16; i++) this.generator.next();
  }

  /** Returns an independent generator for a named part. */
  fork(name: string): Random {
    return new Random(this.seed, `${this.name}/${name}`);
  }

  /** Returns a uniform number in [from, to). */
  uniform(from = 0, to = 1): number {
    return from + ((to - from) * (this.generator.next() >>> 0)) / 2 ** 32;
  }

  /** Returns a uniform integer from 0 to n - 1. */
  below(n: number): number {
    return uniformInt(this.generator, 0, n - 1);
  }

  /** Returns a normal number with mean 0 and standard deviation 1 (Box and Muller 1958). */
  normal(): number {
    if (this.spare !== undefined) {
      const value = this.spare;
      this.spare = undefined;
      return value;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    const angle = this.uniform(0, 2 * Math.PI);
    this.spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  /** Returns a Poisson count (Knuth's product of uniforms; suitable for means up to a few tens). */
  poisson(mean: number): number {
    const limit = Math.exp(-mean);
    let count = 0;
    for (let product = this.uniform(); product > limit; product *= this.uniform()) count++;
    return count;
  }

  /** Returns an exponentially distributed waiting time with the given mean. */
  exponential(mean: number): number {
    return -mean * Math.log(1 - this.uniform());
  }

  /** Shuffles in place (Fisher and Yates). */
  shuffle<A extends Int32Array | number[]>(values: A): A {
    for (let i = values.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      [values[i], values[j]] = [values[j]!, values[i]!];
    }
    return values;
  }
}

/** Hashes a text with FNV-1a and murmur3's finalizer, so that similar seeds give unrelated states. */
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

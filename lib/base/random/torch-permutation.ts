import { mersenne } from "pure-rand/generator/mersenne";

/** The seeds of MT19937 have 32 bits; PyTorch drops the others. */
const SEEDS = 2 ** 32;

/**
 * Returns the permutation that PyTorch draws on a CPU with `torch.manual_seed(seed); torch.randperm(n)`: 32-bit numbers of MT19937
 * (Matsumoto and Nishimura 1998), and a Fisher-Yates shuffle from the front that takes `number % (n - i)`.
 *
 * @param n the length, less than 2^32 / 20; PyTorch uses 64-bit numbers from there on
 * @returns the numbers from 0 to n - 1
 */
export function torchPermutation(n: number, seed: number): Int32Array {
  const generator = mersenne(seed % SEEDS);
  const order = Int32Array.from({ length: n }, (_, i) => i);
  for (let i = 0; i < n - 1; i++) {
    const j = i + ((generator.next() >>> 0) % (n - i));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

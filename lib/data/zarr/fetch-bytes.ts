import { setTimeout } from "node:timers/promises";

/** A failure of a server, in words for the user that follow the address. */
export class ServerError extends Error {}

/** A range of bytes: some at an offset, or the last ones. */
export type ByteRange =
  | { readonly offset: number; readonly length: number }
  | { readonly suffixLength: number };

/** The number of times that a request is sent, the pause before the second one in milliseconds, which doubles each time, and the time limit of one. */
const [TRIES, PAUSE, PATIENCE] = [5, 100, 30_000];

/**
 * Fetches a file, or some of its bytes. Requests that fail for reasons that may pass (a lost connection, a server that is busy) are
 * repeated.
 *
 * @returns undefined when the server has no such file (404)
 * @throws ServerError for other answers, for a server that ignores ranges, and after the last repetition
 */
export async function fetchBytes(address: string, range?: ByteRange): Promise<Uint8Array | undefined> {
  let reason = "";
  for (let attempt = 0; attempt < TRIES; attempt++) {
    if (attempt > 0) await setTimeout(PAUSE * 2 ** (attempt - 1));
    try {
      return await once(address, range);
    } catch (error) {
      if (error instanceof ServerError) throw error;
      reason = reasonOf(error as Error);
    }
  }
  throw new ServerError(
    `${TRIES} requests failed, the last one with: ${reason}; check the address and the network, and start again`,
  );
}

/** An answer that another request may not get. */
class PassingFailure extends Error {}

async function once(address: string, range: ByteRange | undefined): Promise<Uint8Array | undefined> {
  const headers: Record<string, string> = range ? { Range: headerOf(range) } : {};
  const response = await fetch(address, { headers, signal: AbortSignal.timeout(PATIENCE) });
  const { status, statusText } = response;
  if (status === 404) return undefined;
  const answer = `the server answered ${status} ${statusText}`.trim();
  if (status === 429 || status >= 500) throw new PassingFailure(answer);
  if (!response.ok) throw new ServerError(`${answer}; check the address and the right to read it`);
  if (range && status !== 206) {
    await response.body?.cancel();
    throw new ServerError(
      "the server does not serve ranges of bytes (it answered 200 instead of 206), which arrays in shards need; use another server, or write the arrays without shards",
    );
  }
  return new Uint8Array(await response.arrayBuffer());
}

const headerOf = (range: ByteRange) =>
  "suffixLength" in range
    ? `bytes=-${range.suffixLength}`
    : `bytes=${range.offset}-${range.offset + range.length - 1}`;

/** Returns the reason of a failed request: the system's code for a lost connection. */
function reasonOf({ message, name, cause }: Error): string {
  if (name === "TimeoutError") return `no answer within ${PATIENCE / 1000} s`;
  const { code, message: own } = (cause ?? {}) as { code?: string; message?: string };
  return code ?? own ?? message;
}

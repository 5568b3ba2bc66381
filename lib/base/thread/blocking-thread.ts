import { MessageChannel, type MessagePort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { startThread } from "./start-thread";

/** The data that the thread of a `BlockingThread` starts with. */
interface BlockingThreadData {
  readonly port: MessagePort;
  /** The state of the last request: 0 while the thread works on it. */
  readonly state: Int32Array;
}

const [WORKING, ANSWERED, ENDED] = [0, 1, 2];

/** The result of a request, or the message of its error. */
type Outcome<Answer> = { readonly answer: Answer } | { readonly error: string };

/**
 * A thread that does asynchronous work for synchronous code: the caller blocks until it answers. It does not keep the process alive, and
 * ends with the thread that started it.
 */
export class BlockingThread<Request, Answer> {
  private readonly port: MessagePort;
  private readonly state = new Int32Array(new SharedArrayBuffer(4));

  /** @param file the absolute path of the thread's code without its extension; it calls `answerRequests` */
  constructor(private readonly file: string) {
    const { port1, port2 } = new MessageChannel();
    this.port = port1;
    const data: BlockingThreadData = { port: port2, state: this.state };
    startThread(file, { workerData: data, transferList: [port2] }).unref();
  }

  /** Sends a request and blocks until its answer. @throws Error with the message of the thread's error */
  ask(request: Request): Answer {
    if (Atomics.load(this.state, 0) === ENDED) throw new Error(`The thread ${this.file} has ended.`);
    Atomics.store(this.state, 0, WORKING);
    this.port.postMessage(request);
    Atomics.wait(this.state, 0, WORKING);
    const outcome = receiveMessageOnPort(this.port)?.message as Outcome<Answer> | undefined;
    if (!outcome) throw new Error(`The thread ${this.file} ended during a request.`);
    if ("error" in outcome) throw new Error(outcome.error);
    return outcome.answer;
  }
}

/**
 * Answers the requests of the `BlockingThread` that started this thread.
 *
 * @param buffers returns the buffers of an answer that are moved instead of copied. Default: none.
 */
export function answerRequests<Request, Answer>(
  answer: (request: Request) => Promise<Answer>,
  buffers: (answer: Answer) => ArrayBuffer[] = () => [],
): void {
  const { port, state } = workerData as BlockingThreadData;
  const post = (outcome: Outcome<Answer>, moved: ArrayBuffer[] = []) => {
    port.postMessage(outcome, moved);
    Atomics.store(state, 0, ANSWERED);
    Atomics.notify(state, 0);
  };
  port.on("message", async (request: Request) => {
    try {
      const found = await answer(request);
      post({ answer: found }, buffers(found));
    } catch (error) {
      post({ error: (error as Error).message });
    }
  });
  process.once("exit", () => {
    Atomics.store(state, 0, ENDED);
    Atomics.notify(state, 0);
  });
}

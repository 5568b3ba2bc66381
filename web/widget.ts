import type { TwinFacts } from "../lib/insilico/twin-facts";
import type { RenderContext } from "../lib/widgets";
import { firstState } from "./view/state";
import type { TwinSource } from "./view/twin-source";
import { TwinPage } from "./view/view";

/** An answer of the kernel; the rates are in a buffer. */
interface Answer {
  readonly id: number;
  readonly error?: string;
}

type Model = RenderContext<{ facts: TwinFacts }>["model"];

/** A twin whose rates a notebook's kernel computes. */
class KernelSource implements TwinSource {
  readonly facts: TwinFacts;
  readonly place = "the kernel";
  private last = 0;
  private readonly waiting = new Map<number, PromiseWithResolvers<Float32Array>>();

  constructor(private readonly model: Model) {
    this.facts = model.get("facts");
    model.on("msg:custom", this.receive);
  }

  async rates(session: number, windows: Float32Array): Promise<Float32Array> {
    const id = ++this.last;
    const answer = Promise.withResolvers<Float32Array>();
    this.waiting.set(id, answer);
    this.model.send({ id, session }, undefined, [windows]);
    return answer.promise;
  }

  close(): void {
    this.model.off("msg:custom", this.receive);
  }

  private readonly receive = ({ id, error }: Answer, buffers: readonly DataView[]): void => {
    const waiting = this.waiting.get(id);
    // Each view of the widget receives the answers to all of them.
    if (!waiting) return;
    this.waiting.delete(id);
    const [rates] = buffers;
    if (rates && error === undefined)
      waiting.resolve(
        new Float32Array(rates.buffer.slice(rates.byteOffset, rates.byteOffset + rates.byteLength)),
      );
    else waiting.reject(new Error(error));
  };
}

/** Fills the element of a view, as anywidget's contract asks for. The stimulus waits until a person plays it. */
function render({ model, el }: RenderContext<{ facts: TwinFacts }>): () => void {
  // JupyterLab would take the arrow keys as its own commands.
  el.dataset.lmSuppressShortcuts = "true";
  const source = new KernelSource(model);
  const page = new TwinPage(el, source, { ...firstState(source.facts), playing: false });
  void page.run();
  return () => {
    page.close();
    source.close();
  };
}

export default { render };

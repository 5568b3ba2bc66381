import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pageFolder } from "../base/files/page-folder";
import { compile, tf } from "../engine";
import type { Twin } from "../twin/twin";
import { type Widget, widget } from "../widgets";
import { observe } from "./observer";
import { factsOf, type TwinFacts } from "./twin-facts";

/** A request of the page for the rates of a session's units; the windows of contrast are in a buffer. */
interface Request {
  readonly id: number;
  readonly session: number;
}

/** The state of a twin's widget. */
export interface ExploreState {
  readonly facts: TwinFacts;
}

/**
 * Returns a widget on which a person explores a twin: gratings, drawings, images and videos drive its units, and their rates and tuning are
 * shown. The kernel computes the rates. It is the page of `gradbook export --to web` in a notebook.
 *
 * @example
 * const twin = await loadTwin("runs/first");
 * await exploreTwin(twin)
 *
 * @throws ConfigError for a twin that sees several channels, and in a clone in which `npm run build` has not made the page
 */
export async function exploreTwin(twin: Twin): Promise<Widget<ExploreState>> {
  const facts = await factsOf(twin);
  const folder = pageFolder();
  const shown = widget<ExploreState>({
    state: { facts },
    render: readFileSync(join(folder, "widget.js"), "utf8"),
    css: readFileSync(join(folder, "style.css"), "utf8"),
    text: () => `widget: ${twin.path} with ${facts.positions.length} units`,
  });
  const ratesOf = twin.sessions.map((_, session) => {
    const { rates } = observe(twin, { session });
    return compile((contrast: tf.Tensor4D) => rates(contrast), { name: "explore" });
  });
  const { lags, height, width } = facts.view;
  const frames = lags.length * height * width;
  const answer = async ({ id, session }: Request, [windows]: readonly Uint8Array[]) => {
    const contrast = new Float32Array(windows!.slice().buffer);
    const x = tf.tensor4d(contrast, [contrast.length / frames, lags.length, height, width]);
    try {
      const compute = ratesOf[session];
      if (!compute) throw new Error(`the twin has no session ${session}`);
      const rates = await compute(x);
      const values = rates.dataSync<"float32">().slice();
      rates.dispose();
      shown.send({ id }, [new Uint8Array(values.buffer)]);
    } catch (error) {
      shown.send({ id, error: (error as Error).message });
    } finally {
      x.dispose();
    }
  };
  shown.onMessage((content, buffers) => void answer(content as Request, buffers));
  return shown;
}

import { afterEach, expect, test } from "vitest";
import { Comms, type MessageParts } from "../../kernel/protocol/comms";
import type { Request } from "../../kernel/protocol/message";
import { tf } from "../../lib/engine";
import { exploreTwin, observe } from "../../lib/insilico";
import { INPUT, randomTwin } from "../random-twin";

const KERNEL = Symbol.for("gradbook.kernel");
afterEach(() => Reflect.deleteProperty(globalThis, KERNEL));

test("the widget of a twin answers with the rates of a session, or with the reason why it cannot", async () => {
  const answers: { content: object; rest: MessageParts | undefined }[] = [];
  const comms = new Comms((_, message, rest) => {
    const { data } = message as { data: { method?: string; content: object } };
    const { method, content } = data;
    if (method === "custom") answers.push({ content, rest });
  });
  Reflect.set(globalThis, KERNEL, { comms });
  const twin = randomTwin("quickstart.yaml");
  const shown = await exploreTwin(twin);
  expect(String(shown)).toBe("widget: quickstart.yaml with 9 units");
  const { positions, sessions, name } = shown.get("facts");
  expect([positions.length, sessions.length, name]).toEqual([9, 2, "quickstart.yaml"]);
  const ask = (content: object, window: Float32Array) =>
    comms.handle({
      header: { msg_type: "comm_msg" },
      content: { comm_id: shown.modelId, data: { method: "custom", content } },
      buffers: [new Uint8Array(window.buffer)],
    } as unknown as Request);

  const size = INPUT.lags * INPUT.height * INPUT.width;
  const windows = Float32Array.from({ length: 2 * size }, (_, i) => Math.sin(i));
  ask({ id: 7, session: 1 }, windows);
  await expect.poll(() => answers.length).toBe(1);
  expect(answers[0]!.content).toEqual({ id: 7 });
  const rates = new Float32Array((answers[0]!.rest!.buffers![0] as Uint8Array).slice().buffer);
  const expected = tf.tidy(() =>
    observe(twin, { session: 1 })
      .rates(tf.tensor4d(windows, [2, INPUT.lags, INPUT.height, INPUT.width]))
      .dataSync(),
  );
  expect(rates.length).toBe(8);
  for (const [i, rate] of rates.entries()) expect(rate).toBeCloseTo(expected[i]!, 5);

  ask({ id: 8, session: 2 }, windows);
  await expect.poll(() => answers.length).toBe(2);
  expect(answers[1]!.content).toEqual({ id: 8, error: "the twin has no session 2" });
  twin.dispose();
});

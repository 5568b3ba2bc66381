import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Comms, type MessageParts } from "../../kernel/protocol/comms";
import type { Request } from "../../kernel/protocol/message";
import { DISPLAY } from "../../lib/base/jupyter/display";
import {
  button,
  checkbox,
  hbox,
  htmlView,
  link,
  movieView,
  output,
  play,
  select,
  slider,
  vbox,
  widget,
} from "../../lib/widgets";

interface Sent {
  type: string;
  content: {
    comm_id: string;
    target_name: string;
    data: { state: Record<string, unknown>; states: Record<string, object> };
  };
  rest?: MessageParts;
}

const KERNEL = Symbol.for("gradbook.kernel");
/** The messages that the kernel's comms have published. */
let sent: Sent[];
let comms: Comms;
beforeEach(() => {
  sent = [];
  comms = new Comms((type, content, rest) => sent.push({ type, content, rest } as Sent));
});
afterEach(() => Reflect.deleteProperty(globalThis, KERNEL));

/** Puts the comms where widgets find those of a kernel. */
const inKernel = () => Reflect.set(globalThis, KERNEL, { comms });

/** Gives a widget a message of the front end. */
const hear = (comm_id: string, data: object, buffers: Uint8Array[] = []) =>
  comms.handle({
    header: { msg_type: "comm_msg" },
    content: { comm_id, data },
    buffers,
  } as unknown as Request);

const update = (state: object, buffer_paths: unknown[] = []) => ({ method: "update", state, buffer_paths });

test("a control holds its value and its description without a front end", () => {
  const rate = slider({ min: 0, max: 1, step: 0.25, value: 0.5, label: "rate" });
  const seen: number[] = [];
  const end = rate.observe((value) => seen.push(value));
  rate.value = 0.75;
  rate.value = 0.75;
  end();
  rate.value = 1;
  expect(seen).toEqual([0.75]);
  expect(rate[DISPLAY]()).toEqual({ "text/plain": 'slider "rate": 1 (from 0 to 1)' });
  const parts = [
    select({ options: { one: 1, two: 2 }, value: 2, label: "n" }),
    checkbox({ label: "log" }),
    button("go"),
    play({ max: 3 }),
    htmlView("<b>bold</b>  text"),
  ];
  expect(String(vbox(hbox(...parts), output()))).toBe(
    'select "n": two (of one, two)\ncheckbox "log": no\nbutton "go"\nplay: 0 (from 0 to 3)\nbold text\n',
  );
});

test("an HTML view shows its text without its style sheet", () => {
  expect(String(htmlView("<style>b > i {\n color: red }</style><b>loss</b> <i>0.5</i>"))).toBe("loss 0.5");
});

test("opens its comm with the version of the protocol when it is shown first", () => {
  inKernel();
  const rate = slider({ value: 3, label: "rate" });
  expect(sent).toEqual([]);
  const bundle = rate[DISPLAY]();
  const [{ type, content, rest }] = sent as [(typeof sent)[number]];
  expect(type).toBe("comm_open");
  expect(content.target_name).toBe("jupyter.widget");
  expect(rest?.metadata).toEqual({ version: "2.1.0" });
  expect(content.data.state).toMatchObject({
    _model_module: "@jupyter-widgets/controls",
    _model_name: "IntSliderModel",
    _view_name: "IntSliderView",
    value: 3,
    description: "rate",
  });
  expect(bundle["application/vnd.jupyter.widget-view+json"]).toEqual({
    version_major: 2,
    version_minor: 0,
    model_id: content.comm_id,
  });
});

test("a change of the front end reaches observers and the other views", () => {
  inKernel();
  const choice = select({ options: ["a", "b"] });
  const seen: string[] = [];
  choice.observe((value) => seen.push(value));
  hear(choice.modelId, update({ index: 1, unknown: 5 }));
  expect(seen).toEqual(["b"]);
  expect(sent[1]!.content.data).toEqual({ method: "echo_update", state: { index: 1 }, buffer_paths: [] });
  choice.value = "a";
  expect(sent[2]!.content.data).toEqual({ method: "update", state: { index: 0 }, buffer_paths: [] });
  hear(choice.modelId, { method: "request_state" });
  expect(sent[3]!.content.data.state.index).toBe(0);
});

test("sends binary parts of a state as buffers and reads them back", () => {
  inKernel();
  const pixels = widget({ state: { size: 2, image: new Uint8Array([1, 2]) }, render: "export default {}" });
  const id = pixels.modelId;
  expect(sent[0]!.content.data).toMatchObject({ state: { size: 2, image: null }, buffer_paths: [["image"]] });
  expect(sent[0]!.rest?.buffers).toEqual([new Uint8Array([1, 2])]);
  hear(id, update({ image: null }, [["image"]]), [new Uint8Array([7])]);
  expect(pixels.get("image")).toEqual(new Uint8Array([7]));
});

test("refers to the parts of a box, and counts clicks", () => {
  inKernel();
  const clicked = vi.fn();
  const go = button("go", clicked);
  const box = vbox(go);
  expect(box.modelId).not.toBe(go.modelId);
  expect(sent.at(-1)!.content.data.state.children).toEqual([`IPY_MODEL_${go.modelId}`]);
  hear(go.modelId, { method: "custom", content: { event: "click" } });
  expect(clicked).toHaveBeenCalledTimes(1);
});

test("gives a page that is opened again the states of all widgets", () => {
  inKernel();
  const box = checkbox({ value: true });
  const id = box.modelId;
  const open = { comm_id: "page", target_name: "jupyter.widget.control", data: {} };
  comms.handle({ header: { msg_type: "comm_open" }, content: open, buffers: [] } as unknown as Request);
  hear("page", { method: "request_states" });
  const { states } = sent.at(-1)!.content.data;
  expect(states[id]).toMatchObject({ model_name: "CheckboxModel", state: { value: true } });
  box.close();
  hear("page", { method: "request_states" });
  expect(sent.at(-1)!.content.data.states[id]).toBeUndefined();
});

test("sends a render function as a module that stands alone", async () => {
  inKernel();
  const method = widget({
    state: { n: 1 },
    render({ model, el }) {
      el.text = `n is ${model.get("n")}`;
    },
  });
  const arrow = widget({
    state: { n: 2 },
    render: ({ model, el }) => {
      el.text = `n is ${model.get("n")}`;
    },
  });
  for (const [i, one] of [method, arrow].entries()) {
    expect(one.modelId).toBeTruthy();
    const esm = sent.at(-1)!.content.data.state._esm as string;
    const { default: view } = await import(`data:text/javascript,${encodeURIComponent(esm)}`);
    const el = { text: "" };
    view.render({ model: { get: () => i + 1 }, el });
    expect(el.text).toBe(`n is ${i + 1}`);
  }
  expect(String(method)).toBe('widget: {"n":1}');
});

test("an observer that throws does not keep others from being called", async () => {
  const rate = slider();
  const seen: number[] = [];
  rate.observe(() => {
    throw new Error("from an observer");
  });
  rate.observe((value) => seen.push(value));
  const thrown = new Promise<Error>((resolve) => process.once("uncaughtException", resolve));
  const listeners = process.listeners("uncaughtException").slice(0, -1);
  for (const one of listeners) process.off("uncaughtException", one);
  rate.value = 5;
  expect((await thrown).message).toBe("from an observer");
  for (const one of listeners) process.on("uncaughtException", one);
  expect(seen).toEqual([5]);
});

test("linked controls follow each other", () => {
  const [a, b] = [slider(), play()];
  link(a, b);
  a.value = 7;
  expect(b.value).toBe(7);
  b.value = 9;
  expect(a.value).toBe(9);
});

test("a movie is shown frame by frame", () => {
  const view = movieView(
    Float32Array.from({ length: 24 }, (_, i) => i),
    { height: 2, width: 3 },
  );
  expect(String(view)).toContain('slider "frame": 0 (from 0 to 3)');
  expect(() => movieView([1, 2, 3], { height: 2, width: 2 })).toThrow(
    "movieView: frames: has 3 values, but each frame needs 2 × 2 of them (height × width)",
  );
});

test("rejects ranges and values that a control cannot have", () => {
  expect(() => slider({ min: 2, max: 1 })).toThrow("slider: max: 1 is not above min, which is 2");
  expect(() => slider({ step: 0 })).toThrow("slider: step: 0 is not a positive number");
  expect(() => slider({ value: 101 })).toThrow(
    "slider: value: 101 is not between min and max, which are 0 and 100",
  );
  expect(() => {
    slider().value = -1;
  }).toThrow("slider: value: -1 is not between min and max, which are 0 and 100");
  expect(() => select({ options: [] })).toThrow("select: options: has no entries: at least one is needed");
  expect(() => select({ options: ["a", "b"], value: "c" })).toThrow(
    "select: value: c is not one of the options: a, b",
  );
});

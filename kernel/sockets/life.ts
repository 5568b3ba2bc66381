/**
 * The life of a cell and of its interrupt, as a state machine without side effects. ARCHITECTURE.md has its diagram, and
 * `control.ts` performs the effects. A cell is a number; 0 stands for work that earlier cells left running.
 */
export interface Life {
  /** The cell that runs; 0 if there is none. */
  readonly cell: number;
  readonly phase: Phase;
  /** The cell that the interrupt is for. It has a meaning in all phases but `undisturbed`. */
  readonly target: number;
  /** The number of the last order to the main thread. */
  readonly order: number;
  /** The number of times that V8 was asked to carry it out. */
  readonly attempts: number;
  /** Whether the main thread has confirmed that order. It cannot while JavaScript or native code blocks it. */
  readonly heard: boolean;
}

/** The state of the interrupt. */
export type Phase =
  /** No interrupt is pending. */
  | "undisturbed"
  /** The cell's signal is aborted. A cell without listeners gets a short time to return. */
  | "asked"
  /** The cell has listeners: it saves and returns, and takes the time that it needs. */
  | "saving"
  /** The cell is marked as dead. The main thread gets a short time to confirm that. */
  | "forced"
  /** The main thread is blocked: V8 has the order to end its JavaScript. */
  | "terminating"
  /** The client has the cell's end, but the main thread is still blocked, for example by native code. */
  | "stuck";

export type Event =
  | { type: "begin"; cell: number }
  | { type: "end"; cell: number }
  /** The client asks for a stop. */
  | { type: "interrupt" }
  /** The main thread confirms an order. */
  | { type: "heard"; order: number }
  /** The main thread has assigned an interrupt, received while idle, to the cell that was already queued. */
  | { type: "meant"; cell: number }
  /** The time of the phase has passed. `listeners` is the number of listeners that stop the cell in order. */
  | { type: "timeout"; listeners: number };

export type Effect =
  /** Aborts the cell's signal. */
  | { do: "ask"; cell: number; order: number }
  /** Writes below the cell that it saves. */
  | { do: "note" }
  /** Ends a cell of a subshell that blocks the main thread, so that the cell can save. */
  | { do: "free"; cell: number; order: number }
  /** Marks the cell as dead. */
  | { do: "force"; cell: number; order: number }
  /** Ends the JavaScript of the main thread, and interrupts the child processes. */
  | { do: "terminate"; cell: number; order: number }
  /** Tells the client that the cell has ended. `held`: the main thread is still blocked. */
  | { do: "conclude"; cell: number; held: boolean };

export interface Step {
  life: Life;
  effects: Effect[];
}

export const START: Life = { cell: 0, phase: "undisturbed", target: 0, order: 0, attempts: 0, heard: true };

/** The time that a cell has to stop by itself, in milliseconds. */
const GRACE_MS = 650;
/** The time that the main thread has to confirm that a cell is dead. */
const HEAR_MS = 80;
/** The most attempts to terminate a cell, each with that time. Then the client is told that the cell goes on. */
const MOST_ATTEMPTS = 8;
/** The time within which another stop counts as the second one when no cell runs: such work reports no end. */
const AGAIN_MS = 5000;

/** Returns the time after which a phase ends with a `timeout`; undefined if it lasts until another event. */
export function timeLimit({ phase, target }: Life): number | undefined {
  if (phase === "asked") return GRACE_MS;
  if (phase === "forced" || phase === "terminating") return HEAR_MS;
  return phase === "saving" && target === 0 ? AGAIN_MS : undefined;
}

/** Returns the state after an event, and the effects of the transition. An event without a transition is ignored. */
export function next(life: Life, event: Event): Step {
  const known = recorded(life, event);
  const transition = TRANSITIONS[life.phase][event.type] as ((life: Life, event: Event) => Step) | undefined;
  return transition ? transition(known, event) : { life: known, effects: [] };
}

/** Records what an event says about the cell that runs and about the last order. */
function recorded(life: Life, event: Event): Life {
  if (event.type === "begin") return { ...life, cell: event.cell };
  if (event.type === "end" && event.cell === life.cell) return { ...life, cell: 0 };
  if (event.type === "heard" && event.order === life.order) return { ...life, heard: true };
  return life;
}

type Transitions = {
  [T in Event["type"]]?: (life: Life, event: Extract<Event, { type: T }>) => Step;
};

const TRANSITIONS: Record<Phase, Transitions> = {
  undisturbed: { interrupt: ask },
  asked: { interrupt: again, meant: assign, timeout: saveOrForce, end: endOfTarget },
  saving: { interrupt: again, timeout: rest, end: endOfTarget },
  forced: { interrupt: askAnother, heard: confirmed, timeout: terminate, end: endOfTarget },
  terminating: { interrupt: askAnother, heard: confirmed, timeout: terminate, end: endOfTarget },
  stuck: { interrupt: force, heard: rest, begin: rest },
};

function rest(life: Life): Step {
  return { life: { ...life, phase: "undisturbed" }, effects: [] };
}

function endOfTarget(life: Life, { cell }: { cell: number }): Step {
  return cell === life.target ? rest(life) : { life, effects: [] };
}

function ask(life: Life): Step {
  const order = life.order + 1;
  return {
    life: { ...life, phase: "asked", target: life.cell, order, heard: false },
    effects: [{ do: "ask", cell: life.cell, order }],
  };
}

/** The second stop ends the cell. If another cell has begun since the first one, it is the first stop of that cell. */
function again(life: Life): Step {
  return life.cell === life.target ? force(life) : ask(life);
}

/** The target is being ended already. */
function askAnother(life: Life): Step {
  return life.cell === life.target ? { life, effects: [] } : ask(life);
}

function assign(life: Life, { cell }: { cell: number }): Step {
  return { life: life.target === 0 ? { ...life, target: cell } : life, effects: [] };
}

function saveOrForce(life: Life, { listeners }: { listeners: number }): Step {
  // A cell that blocks the main thread was queued before an interrupt that was received while no cell ran: otherwise
  // the main thread would have confirmed the interrupt first.
  const target = life.target === 0 && !life.heard ? life.cell : life.target;
  if (listeners === 0) return force({ ...life, target });
  const free: Effect[] = life.heard ? [] : [{ do: "free", cell: target, order: life.order }];
  return { life: { ...life, target, phase: "saving" }, effects: [{ do: "note" }, ...free] };
}

function force(life: Life): Step {
  const order = life.order + 1;
  return {
    life: { ...life, phase: "forced", order, attempts: 0, heard: false },
    effects: [{ do: "force", cell: life.target, order }],
  };
}

function terminate(life: Life): Step {
  const { target, order, attempts } = life;
  if (attempts === MOST_ATTEMPTS) return conclude(life);
  return {
    life: { ...life, phase: "terminating", attempts: attempts + 1 },
    effects: [{ do: "terminate", cell: target, order }],
  };
}

/** The confirmation of an earlier order changes nothing. */
function confirmed(life: Life): Step {
  return life.heard ? conclude(life) : { life, effects: [] };
}

function conclude(life: Life): Step {
  const { target, heard } = life;
  const isShown = target !== 0 && life.cell === target;
  return {
    life: { ...life, phase: heard || target === 0 ? "undisturbed" : "stuck", cell: isShown ? 0 : life.cell },
    effects: isShown ? [{ do: "conclude", cell: target, held: !heard }] : [],
  };
}

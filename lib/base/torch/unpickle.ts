import { damaged, PickleMachine as Machine, PickleError, type StorageOf } from "./pickle-machine";

const HIGHEST_PROTOCOL = 5;
/**
 * Reads a pickle (https://docs.python.org/3/library/pickletools.html, protocols 2 to 5) of a short list of types,
 * without running any of its code. Dicts become maps; lists and tuples become arrays; sets, text, numbers and booleans
 * keep their kind; bytes become `Uint8Array`s, None becomes null, integers beyond 2^53 become bigints, and tensors and
 * numpy arrays become objects of this folder. Any other Python name is rejected.
 *
 * @throws PickleError
 */
export function unpickle(bytes: Uint8Array, storageOf: StorageOf): unknown {
  try {
    return run(new Machine(bytes, storageOf));
  } catch (error) {
    if (error instanceof RangeError) throw new PickleError(error.message, { cause: error });
    throw error;
  }
}

function run(machine: Machine): unknown {
  for (;;) {
    const code = machine.uint(1);
    if (code === STOP) return machine.pop();
    const operation = OPERATIONS[code];
    if (!operation)
      throw new PickleError(
        `has a pickle with the operation 0x${code.toString(16)}, which is not supported; save it with torch.save's default protocol`,
      );
    operation(machine);
  }
}

const STOP = 0x2e;

function append(machine: Machine, values: readonly unknown[]): void {
  const target = machine.top();
  if (!Array.isArray(target)) throw damaged();
  for (const value of values) target.push(value);
}

function setItems(machine: Machine, values: readonly unknown[]): void {
  const target = machine.top();
  if (!(target instanceof Map) || values.length % 2 > 0) throw damaged();
  for (let i = 0; i < values.length; i += 2) target.set(values[i], values[i + 1]);
}

function addItems(machine: Machine, values: readonly unknown[]): void {
  const target = machine.top();
  if (!(target instanceof Set)) throw damaged();
  for (const value of values) target.add(value);
}

const tuple = (length: number) => (machine: Machine) => {
  const values = Array.from({ length }, () => machine.pop());
  machine.push(values.reverse());
};
const string = (size: 1 | 4 | 8) => (machine: Machine) => machine.push(machine.text(machine.uint(size)));
const bytes = (size: 1 | 4 | 8) => (machine: Machine) =>
  machine.push(machine.take(machine.uint(size)).slice());
const constant = (value: unknown) => (machine: Machine) => machine.push(value);

/** The operations by their code. Operations of protocols 0 and 1 that later protocols do not write are left out. */
const OPERATIONS: Readonly<Record<number, (machine: Machine) => void>> = {
  // Protocol and frames.
  128: (m) => {
    const protocol = m.uint(1);
    if (protocol > HIGHEST_PROTOCOL)
      throw new PickleError(
        `has a pickle of protocol ${protocol}; protocols up to ${HIGHEST_PROTOCOL} are supported`,
      );
  },
  149: (m) => void m.uint(8),
  // Constants and numbers.
  78: constant(null),
  136: constant(true),
  137: constant(false),
  74: (m) => m.push(m.integer(4)),
  75: (m) => m.push(m.uint(1)),
  77: (m) => m.push(m.uint(2)),
  138: (m) => m.push(m.integer(m.uint(1))),
  139: (m) => m.push(m.integer(m.uint(4))),
  71: (m) => m.push(m.float()),
  // Text and bytes.
  140: string(1),
  88: string(4),
  141: string(8),
  67: bytes(1),
  66: bytes(4),
  142: bytes(8),
  150: bytes(8),
  // Containers.
  125: (m) => m.push(new Map()),
  93: (m) => m.push([]),
  143: (m) => m.push(new Set()),
  41: tuple(0),
  133: tuple(1),
  134: tuple(2),
  135: tuple(3),
  116: (m) => m.push(m.popMark()),
  145: (m) => m.push(new Set(m.popMark())),
  97: (m) => {
    const value = m.pop();
    append(m, [value]);
  },
  101: (m) => append(m, m.popMark()),
  115: (m) => {
    const value = m.pop();
    const key = m.pop();
    setItems(m, [key, value]);
  },
  117: (m) => setItems(m, m.popMark()),
  144: (m) => addItems(m, m.popMark()),
  // The stack and the memory.
  40: (m) => m.mark(),
  48: (m) => void m.pop(),
  49: (m) => void m.popMark(),
  50: (m) => m.push(m.top()),
  113: (m) => m.remember(m.uint(1)),
  114: (m) => m.remember(m.uint(4)),
  148: (m) => m.remember(),
  104: (m) => m.recall(m.uint(1)),
  106: (m) => m.recall(m.uint(4)),
  // Names, calls, attributes, and tensors' storages.
  99: (m) => m.name(m.line(), m.line()),
  147: (m) => {
    const own = m.pop();
    m.name(m.pop(), own);
  },
  82: (m) => {
    const args = m.pop();
    m.call(m.pop(), args);
  },
  129: (m) => {
    const args = m.pop();
    m.call(m.pop(), args);
  },
  98: (m) => m.build(m.pop()),
  81: (m) => m.storage(),
};

import { isIPv4, isIPv6 } from "node:net";

/*
 * Classic BPF (https://docs.kernel.org/networking/filter.html): an instruction is a code, two jumps and a constant. Load offsets starting
 * at `NETWORK_HEADER` are relative to the packet's IP header.
 */

const NETWORK_HEADER = -0x100000;
const LOAD_WORD = 0x20;
const LOAD_BYTE = 0x30;
const AND = 0x54;
const JUMP = 0x05;
const JUMP_IF_EQUAL = 0x15;
const RETURN = 0x06;
const ACCEPT = 0xffffffff;
const DROP = 0;

/** The number of bytes of one instruction. */
export const INSTRUCTION_BYTES = 8;
/** The offset of the sender's address in the header of each IP version. */
const SENDER = { 4: 12, 6: 8 } as const;

type Instruction = readonly [code: number, ifTrue: number, ifFalse: number, constant: number];

/** Returns a program that accepts IPv4 and IPv6 packets from the given senders and drops all others. */
export function senderFilter(addresses: readonly string[]): Buffer {
  const accept: Instruction[] = [[RETURN, 0, 0, ACCEPT]];
  const drop: Instruction[] = [[RETURN, 0, 0, DROP]];
  const v4 = [
    load(SENDER[4]),
    ...addresses.filter(isIPv4).flatMap((a) => [...equals(wordOf4(a), 1), ...accept]),
  ];
  const v6 = addresses.filter(isIPv6).flatMap((address) => {
    const words = wordsOf6(address);
    return words
      .flatMap((word, i) => {
        // A different word jumps behind this address: over two instructions for each remaining word, and the acceptance.
        const left = 2 * (words.length - 1 - i) + 1;
        return [load(SENDER[6] + 4 * i), ...equals(word, left)];
      })
      .concat(accept);
  });
  const isV4: Instruction[] = [
    [LOAD_BYTE, 0, 0, NETWORK_HEADER],
    [AND, 0, 0, 0xf0],
    [JUMP_IF_EQUAL, 1, 0, 0x40],
    [JUMP, 0, 0, v4.length + drop.length],
  ];
  return encoded([...isV4, ...v4, ...drop, ...v6, ...drop]);
}

const load = (offset: number): Instruction => [LOAD_WORD, 0, 0, NETWORK_HEADER + offset];
const equals = (word: number, otherwise: number): Instruction[] => [[JUMP_IF_EQUAL, 0, otherwise, word]];

function encoded(instructions: readonly Instruction[]): Buffer {
  const program = Buffer.alloc(INSTRUCTION_BYTES * instructions.length);
  instructions.forEach(([code, ifTrue, ifFalse, constant], i) => {
    const at = INSTRUCTION_BYTES * i;
    program.writeUInt16LE(code, at);
    program.writeUInt8(ifTrue, at + 2);
    program.writeUInt8(ifFalse, at + 3);
    program.writeUInt32LE(constant >>> 0, at + 4);
  });
  return program;
}

const wordOf4 = (address: string) => Buffer.from(address.split(".").map(Number)).readUInt32BE(0);

/** Returns the four 32-bit words of an IPv6 address without its zone. */
function wordsOf6(address: string): number[] {
  const [plain = ""] = address.split("%");
  // The last 32 bits may be written as IPv4.
  const text = plain.replace(/[\d.]+\.[\d.]+$/, (last) => {
    const word = wordOf4(last);
    return `${(word >>> 16).toString(16)}:${(word & 0xffff).toString(16)}`;
  });
  const [left = [], right = []] = text.split("::").map((half) => half.split(":").filter(Boolean));
  const zeros = Array<string>(8 - left.length - right.length).fill("0");
  const groups = [...left, ...zeros, ...right].map((group) => Number.parseInt(group, 16));
  return [0, 2, 4, 6].map((i) => groups[i]! * 0x10000 + groups[i + 1]!);
}

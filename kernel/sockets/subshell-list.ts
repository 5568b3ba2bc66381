import { randomUUID } from "node:crypto";

/**
 * The subshells of the kernel: further queues of requests, which do not wait for the cell that runs
 * (https://jupyter.org/enhancement-proposals/91-kernel-subshells/kernel-subshells.html).
 */
export class SubshellList {
  private readonly ids = new Set<string>();

  /** Makes a subshell. @returns the content of the reply */
  create(): object {
    const subshell_id = randomUUID();
    this.ids.add(subshell_id);
    return { status: "ok", subshell_id };
  }

  /** Removes a subshell. Its requests that have begun go on. @returns the content of the reply */
  delete(id: unknown): object {
    return this.ids.delete(String(id)) ? { status: "ok" } : unknown(id);
  }

  /** Returns the content of the reply with the ids of all subshells. */
  list(): object {
    return { status: "ok", subshell_id: [...this.ids] };
  }

  /** Returns the content of a reply to a request for a subshell that does not exist. */
  refusal(id: string | null | undefined): object | undefined {
    return id && !this.ids.has(id) ? unknown(id) : undefined;
  }
}

function unknown(id: unknown): object {
  const evalue = `there is no subshell with the id ${String(id)}`;
  return { status: "error", ename: "SubshellError", evalue, traceback: [`SubshellError: ${evalue}`] };
}

import type { TrainedParameter } from "../../protocols/module";

/** Parameters that are left alone: each that anyone freezes. */
export class Frozen {
  private readonly asked = new Map<object, (name: string) => boolean>();

  constructor(private readonly parameters: readonly TrainedParameter[]) {}

  /** @param by who asks; takes the place of what it asked before */
  ask(by: object, frozen: (name: string) => boolean): void {
    this.asked.set(by, frozen);
  }

  /** 0 for each parameter that is frozen, else 1; empty while none is. */
  get trained(): number[] {
    const all = [...this.asked.values()];
    const trained = this.parameters.map(({ name }) => Number(!all.some((frozen) => frozen(name))));
    return trained.includes(0) ? trained : [];
  }
}

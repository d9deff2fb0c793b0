// What a planner did, step by step: going back gives the very same figures, without asking again.

import type { State } from "./messages";

export interface Step {
  /** What was done, for the button's hint; empty for the plan as it was loaded. */
  words: string;
  state: State;
}

export class History {
  private readonly steps: Step[];
  private at = 0;

  constructor(planned: State) {
    this.steps = [{ words: "", state: planned }];
  }

  get planned(): State {
    return this.steps[0]!.state;
  }

  get now(): State {
    return this.steps[this.at]!.state;
  }

  get changed(): boolean {
    return this.at > 0;
  }

  /** What undo would take back, and what redo would do again; null where there is nothing. */
  get undoes(): string | null {
    return this.at > 0 ? this.steps[this.at]!.words : null;
  }

  get redoes(): string | null {
    return this.at + 1 < this.steps.length ? this.steps[this.at + 1]!.words : null;
  }

  /** Do something new; what was undone before is gone. */
  add(step: Step): void {
    this.steps.length = this.at + 1;
    this.steps.push(step);
    this.at++;
  }

  undo(): boolean {
    if (this.at === 0) return false;
    this.at--;
    return true;
  }

  redo(): boolean {
    if (this.at + 1 >= this.steps.length) return false;
    this.at++;
    return true;
  }
}

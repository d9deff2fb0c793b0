// The live connection: opens, reads, tries again with patience, and never hides that it is lost.

import { StreamError } from "./array";
import { type Frame, type Hello, readMessage, writeMessage } from "./messages";

export type LinkState = "connecting" | "open" | "lost";

export interface LinkListener {
  /** `first` is false when a connection greets again because sites or sensors changed. */
  hello(message: Hello, first: boolean): void;
  frame(message: Frame): void;
  state(state: LinkState): void;
}

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 8000;
const KEYFRAME_EVERY_MS = 1000;

export class Link {
  state: LinkState = "connecting";
  /** Messages that could not be read, since the page was opened. */
  malformed = 0;
  /** `performance.now()` of the latest message of any kind. */
  heardAt = performance.now();
  private socket: WebSocket | null = null;
  private wait = FIRST_WAIT_MS;
  private askedAt = -KEYFRAME_EVERY_MS;
  private view: number[] | null = null;
  private greeted = false;

  constructor(
    private readonly url: string,
    private readonly listener: LinkListener,
  ) {}

  open(): void {
    const socket = new WebSocket(this.url);
    socket.binaryType = "arraybuffer";
    this.socket = socket;
    this.greeted = false;
    socket.onopen = () => {
      this.become("open");
      if (this.view) this.look(this.view);
    };
    socket.onmessage = (event: MessageEvent<ArrayBuffer>) => this.hear(new Uint8Array(event.data));
    socket.onclose = () => {
      this.become("lost");
      // Spread the returns: after a node restarts, not every screen knocks at the same moment.
      window.setTimeout(() => this.open(), this.wait * (0.75 + 0.5 * Math.random()));
      this.wait = Math.min(this.wait * 2, LONGEST_WAIT_MS);
    };
  }

  /** Tell the server what is in view: west, south, east, north in degrees. */
  look(view: number[]): void {
    this.view = view;
    this.say({ view });
  }

  private hear(bytes: Uint8Array): void {
    this.heardAt = performance.now();
    // Patience starts over only when the node really talks, not when it merely opens.
    this.wait = FIRST_WAIT_MS;
    try {
      const message = readMessage(bytes);
      if (message?.tag === "hello") this.greet(message);
      else if (message?.tag === "frame") this.listener.frame(message);
    } catch (error) {
      if (!(error instanceof StreamError)) throw error;
      this.malformed += 1;
      this.askKeyframe();
    }
  }

  private greet(message: Hello): void {
    this.listener.hello(message, !this.greeted);
    this.greeted = true;
  }

  private askKeyframe(): void {
    const now = performance.now();
    if (now - this.askedAt < KEYFRAME_EVERY_MS) return;
    this.askedAt = now;
    this.say({ want: "keyframe" });
  }

  private say(message: Record<string, unknown>): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(writeMessage(message));
  }

  private become(state: LinkState): void {
    if (state === this.state) return;
    this.state = state;
    this.listener.state(state);
  }
}

// The border unrolled at the foot of the page: what is seen at each kilometre, before and after.

import { h } from "../dom";
import { GAIN, LINES, LOSS, PART, UNSEEN, css } from "./colours";
import type { Scene } from "./messages";
import { type Watched, bars, watchedLines } from "./profile";

const ROW_PX = 56;
const TOP_PX = 32;
const LEFT_PX = 40;
const RIGHT_PX = 12;
const NAMES: Record<string, string> = { RU: "Russia", CN: "China" };

interface Shown {
  /** As planned, or the plan on the left. */
  before: Float32Array;
  /** As changed, or the plan on the right. */
  after: Float32Array;
  /** Two plans side by side: two lines instead of a filled one. */
  compared: boolean;
}

export class Strip {
  readonly element: HTMLElement;
  private readonly canvas = h("canvas", { class: "strip-canvas", role: "img", "aria-label": "share seen along the border" });
  private readonly words = h("div", { class: "strip-words", "aria-live": "off" });
  private rows: Watched[] = [];
  private shown: Shown | null = null;
  private scene: Scene | null = null;

  constructor(go: (border: string, km: number) => void) {
    this.element = h("section", { class: "strip", "aria-label": "the border unrolled" }, this.canvas, this.words);
    this.canvas.addEventListener("pointermove", (event) => this.point(event));
    this.canvas.addEventListener("pointerleave", () => (this.words.textContent = ""));
    this.canvas.addEventListener("click", (event) => {
      const found = this.under(event);
      if (found) go(found.border, found.km);
    });
    new ResizeObserver(() => this.draw()).observe(this.element);
  }

  show(scene: Scene, shown: Shown): void {
    this.scene = scene;
    this.shown = shown;
    this.rows = watchedLines(scene, shown.before);
    this.element.style.height = `${this.rows.length * (ROW_PX + TOP_PX) + 20}px`;
    this.draw();
  }

  private draw(): void {
    const { shown, scene } = this;
    const [width, height] = [this.element.clientWidth, this.element.clientHeight];
    if (!shown || !scene || width < 50) return;
    const ratio = Math.min(window.devicePixelRatio || 1, 2);
    this.canvas.width = Math.round(width * ratio);
    this.canvas.height = Math.round(height * ratio);
    const context = this.canvas.getContext("2d")!;
    context.scale(ratio, ratio);
    context.font = "11px system-ui, 'Segoe UI', Roboto, 'Noto Sans', sans-serif";
    this.rows.forEach((row, i) => this.drawRow(context, row, i * (ROW_PX + TOP_PX) + TOP_PX, width));
  }

  private drawRow(context: CanvasRenderingContext2D, row: Watched, top: number, width: number): void {
    const { shown, scene } = this;
    const wide = width - LEFT_PX - RIGHT_PX;
    const count = Math.max(1, Math.floor(wide));
    const before = bars(shown!.before, row, count);
    const after = bars(shown!.after, row, count);
    const y = (share: number) => top + ROW_PX * (1 - share);
    for (let i = 0; i < count; i++) {
      const [was, is] = [before[i]!, after[i]!];
      if (Number.isNaN(is)) continue;
      const x = LEFT_PX + i;
      context.fillStyle = css(UNSEEN, 0.34);
      context.fillRect(x, top, 1, ROW_PX);
      context.fillStyle = css(PART, shown!.compared ? 0.35 : 0.9);
      context.fillRect(x, y(is), 1, ROW_PX * is);
      if (Math.abs(is - was) > 1e-6) {
        context.fillStyle = is > was ? GAIN : LOSS;
        context.fillRect(x, y(Math.max(is, was)), 1, Math.max(1, ROW_PX * Math.abs(is - was)));
      }
    }
    if (shown!.compared) {
      this.line(context, before, y, LINES[0]);
      this.line(context, after, y, LINES[1]);
    }
    context.fillStyle = "#c3ced4";
    context.textAlign = "left";
    context.fillText(NAMES[row.line.border] ?? row.line.border, LEFT_PX, top - 6);
    context.fillStyle = "#93a3ad";
    context.textAlign = "right";
    context.fillText("100 %", LEFT_PX - 3, top + 9);
    context.fillText("0", LEFT_PX - 3, top + ROW_PX);
    this.ticks(context, row, top + ROW_PX, wide, scene!.step / 1000);
  }

  private line(context: CanvasRenderingContext2D, shares: Float32Array, y: (share: number) => number, colour: string): void {
    context.strokeStyle = colour;
    context.lineWidth = 1.3;
    context.beginPath();
    let open = false;
    shares.forEach((share, i) => {
      if (Number.isNaN(share)) {
        open = false;
        return;
      }
      if (open) context.lineTo(LEFT_PX + i + 0.5, y(share));
      else context.moveTo(LEFT_PX + i + 0.5, y(share));
      open = true;
    });
    context.stroke();
  }

  private ticks(context: CanvasRenderingContext2D, { from, to }: Watched, foot: number, wide: number, km: number): void {
    const length = (to - from) * km;
    const step = [5, 10, 20, 50, 100, 200, 500, 1000].find((one) => (one / length) * wide > 62) ?? 1000;
    context.textAlign = "center";
    context.fillStyle = "#93a3ad";
    for (let at = Math.ceil((from * km) / step) * step; at <= to * km; at += step) {
      const x = LEFT_PX + ((at - from * km) / length) * wide;
      context.fillRect(Math.round(x), foot, 1, 3);
      context.fillText(at.toLocaleString("en"), Math.min(x, LEFT_PX + wide - 12), foot + 13);
    }
  }

  private under(event: MouseEvent): { border: string; km: number; piece: number } | null {
    const box = this.canvas.getBoundingClientRect();
    const row = this.rows[Math.floor((event.clientY - box.top) / (ROW_PX + TOP_PX))];
    const part = (event.clientX - box.left - LEFT_PX) / (box.width - LEFT_PX - RIGHT_PX);
    if (!row || part < 0 || part >= 1 || !this.scene) return null;
    const at = row.from + part * (row.to - row.from);
    return { border: row.line.border, km: (at * this.scene.step) / 1000, piece: row.line.first + Math.floor(at) };
  }

  private point(event: PointerEvent): void {
    const found = this.under(event);
    if (!found || !this.shown) return void (this.words.textContent = "");
    const [before, after] = [this.shown.before[found.piece]!, this.shown.after[found.piece]!];
    const place = `${found.border} km ${Math.floor(found.km).toLocaleString("en")}`;
    const share = (value: number) => `${Math.round(value * 100)} %`;
    const figures = Number.isNaN(after) ? "not watched" : before === after ? share(after) : `${share(before)} → ${share(after)}`;
    this.words.textContent = `${place}: ${figures}`;
  }
}

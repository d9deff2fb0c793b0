// Which tracks get a label: the important ones first, and only where there is room.

const CELL = 6;

/** Which parts of the screen are taken, on a coarse grid. */
export class Room {
  private readonly columns: number;
  private readonly rows: number;
  private readonly taken: Uint8Array;

  constructor(width: number, height: number) {
    this.columns = Math.ceil(width / CELL);
    this.rows = Math.ceil(height / CELL);
    this.taken = new Uint8Array(this.columns * this.rows);
  }

  /** Take a rectangle when all of it is on the screen and free. */
  take(x: number, y: number, width: number, height: number): boolean {
    const left = Math.floor(x / CELL);
    const top = Math.floor(y / CELL);
    const right = Math.floor((x + width) / CELL);
    const bottom = Math.floor((y + height) / CELL);
    if (left < 0 || top < 0 || right >= this.columns || bottom >= this.rows) return false;
    for (let row = top; row <= bottom; row++) {
      for (let column = left; column <= right; column++) {
        if (this.taken[row * this.columns + column]) return false;
      }
    }
    for (let row = top; row <= bottom; row++) {
      this.taken.fill(1, row * this.columns + left, row * this.columns + right + 1);
    }
    return true;
  }

  /** Block a rectangle, free or not. */
  block(x: number, y: number, width: number, height: number): void {
    const left = Math.max(0, Math.floor(x / CELL));
    const right = Math.min(this.columns - 1, Math.floor((x + width) / CELL));
    const top = Math.max(0, Math.floor(y / CELL));
    const bottom = Math.min(this.rows - 1, Math.floor((y + height) / CELL));
    if (right < left) return;
    for (let row = top; row <= bottom; row++) {
      this.taken.fill(1, row * this.columns + left, row * this.columns + right + 1);
    }
  }
}

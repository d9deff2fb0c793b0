// A line of the last minutes, with its highest and lowest value written beside it.

export interface Series {
  times: number[];
  values: number[];
}

/** Draw a series into a canvas of its CSS size; gaps stay gaps. */
export function sparkline(canvas: HTMLCanvasElement, series: Series, colour: string, unit: string): void {
  const ratio = Math.min(window.devicePixelRatio || 1, 2);
  const width = canvas.clientWidth;
  const height = canvas.clientHeight;
  if (width === 0) return;
  canvas.width = width * ratio;
  canvas.height = height * ratio;
  const context = canvas.getContext("2d")!;
  context.scale(ratio, ratio);
  const known = series.values.filter(Number.isFinite);
  if (known.length < 2) return;
  let low = Math.min(...known);
  let high = Math.max(...known);
  const margin = Math.max((high - low) * 0.1, Math.abs(high) * 0.02, 0.5);
  [low, high] = [low - margin, high + margin];
  const plotWidth = width - 52;
  const start = series.times[0]!;
  const duration = Math.max(series.times.at(-1)! - start, 1);
  const x = (t: number): number => ((t - start) / duration) * (plotWidth - 4) + 2;
  const y = (value: number): number => height - 4 - ((value - low) / (high - low)) * (height - 8);
  context.strokeStyle = colour;
  context.lineWidth = 1.5;
  context.lineJoin = "round";
  context.beginPath();
  series.values.forEach((value, i) => {
    if (!Number.isFinite(value)) return;
    if (i > 0 && Number.isFinite(series.values[i - 1]!)) context.lineTo(x(series.times[i]!), y(value));
    else context.moveTo(x(series.times[i]!), y(value));
  });
  context.stroke();
  const last = known.at(-1)!;
  context.fillStyle = colour;
  context.beginPath();
  context.arc(x(series.times.at(-1)!), y(last), 2.5, 0, 2 * Math.PI);
  context.fill();
  context.font = "10.5px system-ui, sans-serif";
  context.fillStyle = "#93a3ad";
  context.textAlign = "right";
  context.fillText(`${Math.round(Math.max(...known))} ${unit}`, width, 10);
  context.fillText(`${Math.round(Math.min(...known))} ${unit}`, width, height - 2);
}

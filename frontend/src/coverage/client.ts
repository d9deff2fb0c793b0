// Ask the node for a coverage: the newest question counts, older ones are given up.

import { type Coverage, readCoverage } from "./raster";

export interface SensorClass {
  id: string;
  name: string;
  kind: string;
  mast: number;
  min_range: number;
  max_range: number;
}

/** What to ask for: a class on a place, or a sensor of the picture as it stands. */
export type Question = { of: string } | { sensor: string; lat: number; lon: number; mast: number };

const HERE = "./api/v1/coverage";

export class CoverageClient {
  private readonly screen = Math.random().toString(36).slice(2, 12);
  private asking: AbortController | null = null;

  async classes(): Promise<{ sensors: SensorClass[]; default: string }> {
    const answer = await fetch(`${HERE}/sensors`);
    if (!answer.ok) throw new Error(await reason(answer));
    return (await answer.json()) as { sensors: SensorClass[]; default: string };
  }

  /** Ask; gives null when a newer question has overtaken this one. */
  async ask(question: Question): Promise<Coverage | null> {
    this.stop();
    const asking = (this.asking = new AbortController());
    try {
      const answer = await fetch(`${HERE}?${parameters(question, this.screen)}`, { signal: asking.signal });
      if (!answer.ok) throw new Error(await reason(answer));
      const bytes = new Uint8Array(await answer.arrayBuffer());
      return asking.signal.aborted ? null : readCoverage(bytes);
    } catch (error) {
      if (asking.signal.aborted) return null;
      throw error;
    }
  }

  stop(): void {
    this.asking?.abort();
    this.asking = null;
  }
}

export function parameters(question: Question, screen: string): string {
  const written =
    "of" in question
      ? { of: question.of }
      : {
          lon: question.lon.toFixed(6),
          lat: question.lat.toFixed(6),
          sensor: question.sensor,
          mast: String(question.mast),
        };
  return new URLSearchParams({ ...written, screen }).toString();
}

async function reason(answer: Response): Promise<string> {
  try {
    return ((await answer.json()) as { error: string }).error;
  } catch {
    return `the node answered ${answer.status}`;
  }
}

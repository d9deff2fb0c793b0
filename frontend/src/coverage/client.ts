// Ask the node for a coverage: the newest question counts, older ones are given up.

import { type Detection, readDetection } from "./detection";
import { type Coverage, readCoverage } from "./raster";

export interface SensorClass {
  id: string;
  name: string;
  kind: string;
  mast: number;
  min_range: number;
  max_range: number;
}

/** A class of targets; heights above ground [m]. */
export interface TargetClass {
  id: string;
  speed: number;
  low: number;
  high: number;
  /** Whether cameras can be asked about it. */
  cameras: boolean;
}

export interface Library {
  sensors: SensorClass[];
  default: string;
  targets: TargetClass[];
}

/** What to ask for: a class on a place, or a sensor of the picture as it stands. */
export type Question = { of: string } | { sensor: string; lat: number; lon: number; mast: number };

const HERE = "./api/v1/coverage";

export class CoverageClient {
  private readonly screen = Math.random().toString(36).slice(2, 12);
  private asking: AbortController | null = null;

  async library(): Promise<Library> {
    const answer = await fetch(`${HERE}/sensors`);
    if (!answer.ok) throw new Error(await reason(answer));
    return (await answer.json()) as Library;
  }

  /** Ask for a coverage; gives null when a newer question has overtaken this one. */
  ask(question: Question): Promise<Coverage | null> {
    return this.get(`?${parameters(question, this.screen)}`, readCoverage);
  }

  /** Ask how probably a target at a height [m] is detected; null as above. */
  askChance(question: Question, target: string, height: number): Promise<Detection | null> {
    const more = new URLSearchParams({ target, height: String(height) }).toString();
    return this.get(`/detection?${parameters(question, this.screen)}&${more}`, readDetection);
  }

  stop(): void {
    this.asking?.abort();
    this.asking = null;
  }

  private async get<T>(path: string, read: (bytes: Uint8Array) => T): Promise<T | null> {
    this.stop();
    const asking = (this.asking = new AbortController());
    try {
      const answer = await fetch(HERE + path, { signal: asking.signal });
      if (!answer.ok) throw new Error(await reason(answer));
      const bytes = new Uint8Array(await answer.arrayBuffer());
      return asking.signal.aborted ? null : read(bytes);
    } catch (error) {
      if (asking.signal.aborted) return null;
      throw error;
    }
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

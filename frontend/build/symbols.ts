// Vite plugin: take frames and icons from milsymbol (MIL-STD-2525D / APP-6) while building, so
// that the browser gets a few paths to fill instead of the whole symbol library.

import ms from "milsymbol";
import type { Plugin } from "vite";

const ID = "virtual:symbols";

// Symbol identification codes, MIL-STD-2525D appendix A: version 10, reality, affiliation unknown,
// then symbol set, status present, entity. The frame of "unknown" says nothing about intent.
const FRAMES = {
  air: "10010100000000000000",
  ground: "10011000000000000000",
};
const ICONS = {
  aircraft: "10010100001101000000",
  helicopter: "10010100001102000000",
  "small drone": "10010100001103000000",
};

interface Instruction {
  type: string;
  d?: string;
  icon?: boolean;
  fill?: string | false;
}

interface Path {
  d: string;
  fill: boolean;
}

function instructions(sidc: string): Instruction[] {
  const symbol = new ms.Symbol(sidc, { size: 100 });
  if (!symbol.isValid()) throw new Error(`${sidc} is not a symbol that milsymbol knows`);
  return (symbol as unknown as { drawInstructions: Instruction[] }).drawInstructions;
}

function frame(sidc: string): string {
  const path = instructions(sidc).find((item) => item.type === "path" && !item.icon);
  if (!path?.d) throw new Error(`${sidc} has no frame`);
  return path.d;
}

function icon(sidc: string): Path[] {
  const paths = instructions(sidc).filter((item) => item.icon && item.d);
  return paths.map((item) => ({ d: item.d as string, fill: Boolean(item.fill) }));
}

export function symbols(): Plugin {
  return {
    name: "steppewatch-symbols",
    resolveId: (id) => (id === ID ? `\0${ID}` : null),
    load(id) {
      if (id !== `\0${ID}`) return null;
      const frames = Object.fromEntries(Object.entries(FRAMES).map(([k, v]) => [k, frame(v)]));
      const icons = Object.fromEntries(Object.entries(ICONS).map(([k, v]) => [k, icon(v)]));
      return `export const frames = ${JSON.stringify(frames)};\nexport const icons = ${JSON.stringify(icons)};\n`;
    },
  };
}

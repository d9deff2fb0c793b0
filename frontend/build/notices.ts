// Vite plugin: write the licences of everything that ended up in the bundle beside it.

import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Plugin } from "vite";

// milsymbol runs while building and its outlines are in the bundle, so its licence goes along.
const ALWAYS = ["node_modules/milsymbol"];

function packageFolder(id: string): string | null {
  let folder = dirname(id.split("?")[0] as string);
  while (folder.includes("node_modules")) {
    const manifest = join(folder, "package.json");
    if (existsSync(manifest) && JSON.parse(readFileSync(manifest, "utf8")).version) return folder;
    folder = dirname(folder);
  }
  return null;
}

function notice(folder: string): string {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const file = readdirSync(folder).sort().find((entry) => /^licen[cs]e/i.test(entry));
  const text = file ? readFileSync(join(folder, file), "utf8").trim() : `Licence: ${license}`;
  return `${name} ${version} (${license})\n\n${text.replace(/\r\n/g, "\n")}\n`;
}

export function notices(): Plugin {
  return {
    name: "steppewatch-notices",
    generateBundle(_options, bundle) {
      const folders = new Set(ALWAYS.map((folder) => join(process.cwd(), folder)));
      for (const chunk of Object.values(bundle)) {
        if (chunk.type !== "chunk") continue;
        for (const id of Object.keys(chunk.modules)) {
          const folder = id.includes("node_modules") ? packageFolder(id) : null;
          if (folder) folders.add(folder);
        }
      }
      const texts = [...folders].map(notice).sort();
      const rule = `\n${"-".repeat(72)}\n\n`;
      const head = "The picture's front end contains parts of these packages.\n";
      this.emitFile({ type: "asset", fileName: "THIRD-PARTY.txt", source: [head, ...texts].join(rule) });
    },
  };
}

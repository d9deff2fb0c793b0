/// <reference types="vite/client" />

declare module "virtual:symbols" {
  export const frames: { air: string; ground: string };
  export const icons: Record<string, { d: string; fill: boolean }[]>;
}

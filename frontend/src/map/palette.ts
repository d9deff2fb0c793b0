// Colours of the map. Yellow is the standard's colour of "unknown"; red is kept for warnings.

export const palette = {
  own: "#ffe97a",
  ownFill: "rgba(240, 214, 96, 0.94)",
  ownDim: "rgba(255, 233, 122, 0.5)",
  ownTrail: "#ffe27a",
  foreign: "#8fc1e8",
  foreignFill: "rgba(24, 48, 70, 0.85)",
  foreignTrail: "#7fb0d8",
  icon: "#1a1503",
  ink: "#06090b",
  plot: "#9fe0b4",
  plotSecondary: "#a8c8f0",
  warning: "#ff5a4f",
  caution: "#ffb13b",
  notice: "#79b8ff",
  vector: "rgba(255, 255, 255, 0.75)",
  selected: "#ffffff",
  label: "#f2efdf",
  labelGround: "rgba(6, 10, 13, 0.72)",
  border: "#f3ead6",
  borderCase: "rgba(8, 10, 12, 0.75)",
  borderGlow: "rgba(214, 120, 160, 0.35)",
  post: "#e8c6d4",
  site: "#8fd3ff",
  ring: "rgba(143, 211, 255, 0.4)",
} as const;

export const HEALTH_COLOURS: Record<string, string> = {
  good: "#57d39b",
  degraded: "#ffb13b",
  silent: "#ff5a4f",
  off: "#7d8a94",
  unknown: "#7d8a94",
};

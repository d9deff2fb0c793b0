// Where map metres fall on the screen in one drawn frame.

import type { FrameState } from "ol/Map";

export interface Screen {
  width: number;
  height: number;
  resolution: number;
  /** Map metres of the left and the upper edge. */
  left: number;
  top: number;
}

export function screenOf(state: FrameState): Screen {
  const [width, height] = state.size as [number, number];
  const { center, resolution } = state.viewState;
  return {
    width,
    height,
    resolution,
    left: center[0]! - (width / 2) * resolution,
    top: center[1]! + (height / 2) * resolution,
  };
}

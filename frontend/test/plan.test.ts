import { encode, ExtData } from "@msgpack/msgpack";
import { describe, expect, it } from "vitest";
import { shareColour } from "../src/plan/colours";
import { gradesOf } from "../src/plan/grades";
import { History } from "../src/plan/history";
import { type Scene, type State, readScene, readState } from "../src/plan/messages";
import { bars, column, differences, placeOf, sharesOf, watchedLines } from "../src/plan/profile";
import { money, points, share, stretchWords } from "../src/plan/words";
import { StreamError } from "../src/stream/array";

const LINES = [
  { border: "RU", length: 2_500, first: 0, count: 3 },
  { border: "CN", length: 4_000, first: 3, count: 4 },
];

function array(dtype: string, bytes: ArrayBufferLike, ...shape: number[]): ExtData {
  const sizes = new Uint8Array(new Uint32Array(shape).buffer);
  return new ExtData(1, new Uint8Array([shape.length, dtype.length, ...new TextEncoder().encode(dtype), ...sizes, ...new Uint8Array(bytes)]));
}

const floats = (values: number[]) => array("<f4", new Float32Array(values).buffer, values.length);
const octets = (values: number[], ...shape: number[]) => array("|u1", new Uint8Array(values).buffer, ...shape);

function sceneMessage(change: object = {}): Uint8Array {
  const vertices = Array.from({ length: 9 }, (_, i) => 45 + i / 10);
  return encode({
    _: "plan-scene/1", title: "T", lines: LINES, step: 1000, measures: ["detected", "met"], classes: [{ target: "4x4" }, { target: "walker" }],
    cell_lat: floats([45, 46]), cell_lon: floats([100, 101]), vertex_lat: floats(vertices), vertex_lon: floats(vertices),
    ...change,
  });
}

const scene: Scene = readScene(sceneMessage());
const X = 255;

function stateMessage(change: object = {}): Uint8Array {
  const pieces = [[X, X, X], [250, 250, 250], [125, 250, 0], [X, X, X], [0, 0, 0], [50, 50, 50], [X, X, X]];
  return encode({ _: "plan-state/1", share: 0.5, counts: octets([0, 0, 2, 1], 2, 2), pieces: octets(pieces.flat(), 7, 3), ...change });
}

describe("messages", () => {
  it("are read, and others refused in words", () => {
    expect(readState(stateMessage(), scene).counts).toEqual(new Uint8Array([0, 0, 2, 1]));
    expect(() => readScene(sceneMessage({ _: "plan-scene/2" }))).toThrow(StreamError);
    expect(() => readScene(sceneMessage({ vertex_lat: floats([1, 2]) }))).toThrow("no plan");
    expect(() => readScene(sceneMessage({ cell_lon: floats([1]) }))).toThrow("no plan");
    expect(() => readState(stateMessage({ counts: octets([0], 1) }), scene)).toThrow("plan's figures");
    expect(() => readState(stateMessage({ pieces: octets([0], 1) }), scene)).toThrow("plan's figures");
  });
});

describe("the border unrolled", () => {
  const shares = column(readState(stateMessage(), scene).pieces, 3, 0);

  it("takes one column and knows what is not watched", () => {
    expect([...shares]).toEqual([NaN, 1, 0.5, NaN, 0, expect.closeTo(0.2, 6), NaN]);
    expect(column(readState(stateMessage(), scene).pieces, 3, 2)[2]).toBe(0);
  });

  it("takes a measure of assurance, and knows nothing while it is being worked out", () => {
    const codes = [[250, 0], [0, 0], [X, X], [0, 125], [0, 0], [0, 0], [0, 0]].flat();
    const assurance = { means: { detected: 0.5, met: 0.1 }, pieces: octets(codes, 7, 2), unlinked: [] };
    const state = readState(stateMessage({ assurance }), scene);
    expect([...sharesOf(scene, state, 4)].slice(0, 4)).toEqual([0, 0, NaN, 0.5]);
    expect([...sharesOf(scene, state, 0)]).toEqual([...shares]);
    expect(sharesOf(scene, readState(stateMessage(), scene), 3).every(Number.isNaN)).toBe(true);
    expect(() => readState(stateMessage({ assurance: { ...assurance, pieces: octets([1], 1) } }), scene)).toThrow("figures");
  });

  it("averages to fewer bars and fills more", () => {
    const row = watchedLines(scene, shares)[0]!;
    expect([row.line.border, row.from, row.to]).toEqual(["RU", 0, 3]);
    expect([...bars(shares, row, 1)]).toEqual([0.75]);
    expect([...bars(shares, row, 6)]).toEqual([NaN, NaN, 1, 1, 0.5, 0.5]);
  });

  it("leaves out lines that nobody watches", () => {
    expect(watchedLines(scene, new Float32Array(7).fill(NaN))).toEqual([]);
  });

  it("joins neighbouring differences of one sign and ranks them", () => {
    const after = Float32Array.from([NaN, 0.5, 0.5, NaN, 1, 1, NaN]);
    const found = differences(scene, shares, after);
    expect(found.map((one) => [one.border, one.from_km, one.to_km])).toEqual([["CN", 1, 3], ["RU", 1, 2]]);
    expect(found[0]!.gained).toBeCloseTo(1.8, 6);
    expect(found[1]!.gained).toBeCloseTo(-0.5, 6);
    expect(differences(scene, shares, shares)).toEqual([]);
  });

  it("finds the place of a kilometre on its own line", () => {
    expect(placeOf(scene, "CN", 1.5)!.lat).toBeCloseTo(45.55, 5);
    expect(placeOf(scene, "CN", 99)!.lat).toBeCloseTo(45.8, 5);
    expect(placeOf(scene, "XX", 1)).toBeNull();
  });
});

describe("grades of cells", () => {
  const counts = new Uint8Array([0, 0, 2, 0, 1, 1, 0, 3]);
  it("say none, some or all classes together", () => {
    expect([...gradesOf(counts, 2, 0)]).toEqual([0, 1, 2, 1]);
  });
  it("say none, one or several sites for one class", () => {
    expect([...gradesOf(counts, 2, 1)]).toEqual([0, 2, 1, 0]);
    expect([...gradesOf(counts, 2, 2)]).toEqual([0, 0, 1, 2]);
  });
  it("go from orange to mint", () => {
    expect([shareColour(0), shareColour(1)]).toEqual(["rgba(255, 128, 48, 1)", "rgba(150, 240, 208, 1)"]);
  });
});

describe("history", () => {
  const state = (value: number) => ({ share: value }) as State;
  it("goes back to the very same figures, and forgets what was undone when something new is done", () => {
    const history = new History(state(1));
    const second = state(2);
    history.add({ words: "a moved", state: second });
    history.add({ words: "b moved", state: state(3) });
    expect([history.undoes, history.redoes]).toEqual(["b moved", null]);
    expect(history.undo()).toBe(true);
    expect(history.now).toBe(second);
    expect(history.redoes).toBe("b moved");
    history.add({ words: "c moved", state: state(4) });
    expect(history.redo()).toBe(false);
    expect([history.undo(), history.undo(), history.undo()]).toEqual([true, true, false]);
    expect(history.now).toBe(history.planned);
    expect(history.changed).toBe(false);
    expect(history.redo()).toBe(true);
    expect(history.now).toBe(second);
  });
});

describe("words", () => {
  it("never round a share up to a whole that it is not", () => {
    expect([share(0.9072), share(0.99999), share(1)]).toEqual(["90.7 %", "99.9 %", "100.0 %"]);
  });
  it("say changes with their sign", () => {
    expect([points(0.0031), points(-0.02), points(0), points(1e-6), points(-1e-6)]).toEqual(["+0.31", "−2.00", "±0", "+0.00", "−0.00"]);
  });
  it("say money and stretches as people do", () => {
    expect([money(38_500_000, "USD"), money(900_000, "USD")]).toEqual(["38.5 M USD", "900,000 USD"]);
    expect(stretchWords({ border: "CN", from_km: 2004, to_km: 2158 })).toBe("CN km 2,004–2,158");
  });
});

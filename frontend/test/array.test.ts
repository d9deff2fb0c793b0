import { describe, expect, it } from "vitest";
import { StreamError, readArray } from "../src/stream/array";

// Bytes made by steppewatch.records.binary.encode, without the msgpack head.
const hex = (text: string): Uint8Array => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
const FLOATS = hex("01033c663802000000000000000000f83f00000000000004c0");
const SHORTS = hex("01033c693402000000fffffffff1040000");
const BYTES = hex("01037c753103000000000102");
const TEXTS = hex("01037c533403000000414243440000000045460000");
const NUMBERS64 = hex("01033c69380100000000f2052a01000000");

describe("an array of the stream", () => {
  it("gives doubles as they were", () => {
    expect(Array.from(readArray(FLOATS) as Float64Array)).toEqual([1.5, -2.5]);
  });
  it("gives signed and byte-sized integers", () => {
    expect(Array.from(readArray(SHORTS) as Int32Array)).toEqual([-1, 1265]);
    expect(Array.from(readArray(BYTES) as Uint8Array)).toEqual([0, 1, 2]);
  });
  it("gives fixed byte strings as text, empty ones as empty", () => {
    expect(readArray(TEXTS)).toEqual(["ABCD", "", "EF"]);
  });
  it("gives 64-bit integers as numbers", () => {
    expect(Array.from(readArray(NUMBERS64) as Float64Array)).toEqual([5_000_000_000]);
  });
  it("does not need aligned bytes", () => {
    const shifted = new Uint8Array(FLOATS.length + 3);
    shifted.set(FLOATS, 3);
    expect(Array.from(readArray(shifted.subarray(3)) as Float64Array)).toEqual([1.5, -2.5]);
  });
  it.each([
    ["is empty", new Uint8Array(0)],
    ["is cut short", FLOATS.subarray(0, 12)],
    ["is too long", new Uint8Array([...FLOATS, 0])],
    ["has objects in it", hex("01037c4f3101000000ff")],
    ["claims a huge shape", hex("01033c6638ffffffff00")],
  ])("is refused when it %s", (_why, bytes) => {
    expect(() => readArray(bytes)).toThrow(StreamError);
  });
});

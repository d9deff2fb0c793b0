import { ExtData, encode } from "@msgpack/msgpack";
import { describe, expect, it } from "vitest";
import { StreamError } from "../src/stream/array";
import { type Frame, type Hello, readMessage } from "../src/stream/messages";

export function doubles(values: number[]): ExtData {
  const head = [1, 3, ...new TextEncoder().encode("<f8"), ...new Uint8Array(new Uint32Array([values.length]).buffer)];
  return new ExtData(1, new Uint8Array([...head, ...new Uint8Array(new Float64Array(values).buffer)]));
}

const tracks = {
  key: doubles([7]), lat: doubles([49.5]), lon: doubles([92]), speed: doubles([3]), course: doubles([90]),
};

describe("a message", () => {
  it("with a frame gives its columns, and ignores what it does not know", () => {
    const bytes = encode({ _: "frame/1", sequence: 3, now_ns: 5e9, keyframe: true, tracks: { ...tracks, mood: doubles([1]) }, surprise: 1 });
    const frame = readMessage(bytes) as Frame;
    expect(frame.tag).toBe("frame");
    expect(frame.keyframe).toBe(true);
    expect(frame.tracks["lat"]![0]).toBe(49.5);
    expect(frame.alerts).toEqual([]);
  });
  it("with a greeting gives defaults for what is absent", () => {
    const hello = readMessage(encode({ _: "hello/1", info: { title: "Altai" } })) as Hello;
    expect(hello.info.title).toBe("Altai");
    expect(hello.info.home).toBeNull();
    expect(hello.sensors).toEqual([]);
  });
  it("of an unknown kind is passed over", () => {
    expect(readMessage(encode({ _: "weather/1" }))).toBeNull();
  });
  it.each([
    ["is not msgpack", new Uint8Array([0xc1, 0xff])],
    ["is no map", encode(3)],
    ["has columns of two lengths", encode({ _: "frame/1", tracks: { ...tracks, lat: doubles([1, 2]) } })],
    ["has tracks without places", encode({ _: "frame/1", tracks: { key: doubles([1]) } })],
  ])("that %s is refused", (_why, bytes) => {
    expect(() => readMessage(bytes)).toThrow(StreamError);
  });
});

import { createPrivateKey, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { closest, distance } from "../src/capture/match";
import { decode, encode, type Plain } from "../src/custody/cbor";
import { type Act, actOf, hex, kidOf, packed, signAct, unhex } from "../src/custody/statement";
import { day, fieldsOf, until } from "../src/custody/words";

const told = JSON.parse(readFileSync(new URL("./custodyActs.json", import.meta.url), "utf8")) as {
  public: string; kid: string; acts: { kind: string; packed: string; statement: string }[];
};
const BODIES: Record<string, { [key: string]: Plain }> = {
  "case.countersign": { case: "C-1", agree: true, text: "" },
  "case.open": {
    id: "хил/7", items: ["a", "b".repeat(30)], quantity: 24, from_ns: 1_790_000_000n * 10n ** 9n,
    until_ns: (1n << 63n) - 1n, text: "x".repeat(300), type: "transfer",
  },
  sighted: {
    sightings: [{ item: "hk/r-1/001", captured_ns: 65_536, photo: new Uint8Array(32), site: "", how: "hand", condition: "good" }],
    "a long key that has more than twenty-three letters": null, n: -25, z: [0, 255, 256],
  },
};

function act(kind: string): Act {
  return { kind, by: "bat", at_ns: 1_795_000_000_123_000_000n, body: BODIES[kind]!, refs: [new Uint8Array(32).fill(7)], nonce: Uint8Array.from({ length: 16 }, (_, i) => i) };
}

const seed = Uint8Array.from({ length: 32 }, (_, i) => i);
const key = createPrivateKey({ key: Buffer.from(`302e020100300506032b657004220420${hex(seed)}`, "hex"), format: "der", type: "pkcs8" });
const signer = { public: unhex(told.public), sign: async (message: Uint8Array) => new Uint8Array(sign(null, message, key)) };

describe("what a browser signs", () => {
  it.each(told.acts)("is what Python writes, byte for byte: $kind", async ({ kind, packed: bytes, statement }) => {
    expect(hex(packed(act(kind)))).toBe(bytes);
    expect(hex(await signAct(act(kind), signer))).toBe(statement);
  });

  it.each(told.acts)("is read back out of its bytes, if they are the ones meant: $kind", async ({ kind, statement }) => {
    const bytes = unhex(statement) as Uint8Array<ArrayBuffer>;
    const leaf = hex(new Uint8Array(await crypto.subtle.digest("SHA-256", Uint8Array.of(0, ...bytes))));
    const found = await actOf(bytes, leaf);
    expect(found.kind).toBe(kind);
    expect(hex(packed(found))).toBe(hex(packed(act(kind))));
    await expect(actOf(Uint8Array.of(...bytes.slice(0, -1), bytes.at(-1)! ^ 1), leaf)).rejects.toThrow("another statement");
  });

  it("refuses bytes that no act holds", () => {
    for (const text of ["f97e00", "ff", "5f", "1c", "a1", "82", "6261", "0000", "62c328"]) expect(() => decode(unhex(text))).toThrow();
  });

  it("names a key as Python does", async () => {
    expect(hex(await kidOf(signer.public))).toBe(told.kid);
  });

  it("refuses a number that it cannot write exactly", () => {
    expect(() => encode(0.5)).toThrow("no whole number");
    expect(() => encode(2 ** 60)).toThrow("bigint");
  });

  it("is shown whole: every field of the body and every reference", () => {
    const rows = fieldsOf(act("case.open"));
    expect(rows.map(([name]) => name)).toEqual(["id", "items", "quantity", "from", "until", "text", "type", "about the statement"]);
    expect(rows[3]).toEqual(["from", "2026-09-21"]);
    expect(rows[4]).toEqual(["until", "no end"]);
  });
});

describe("a worn plate", () => {
  const expected = ["hk/r-1/001", "hk/r-1/002", "hk/r-1/118"];

  it("finds the serial behind letters that look alike", () => {
    expect(closest("OO2", expected)[0]).toBe("hk/r-1/002");
    expect(closest("ll8", expected)[0]).toBe("hk/r-1/118");
  });

  it("offers nothing for something else", () => {
    expect(closest("", expected)).toEqual([]);
    expect(closest("zebra-994", expected)).toEqual([]);
  });

  it("counts changed, added and missing letters", () => {
    expect([distance("abc", "abc"), distance("abc", "abd"), distance("abc", ""), distance("ab", "xaby")]).toEqual([0, 1, 3, 2]);
  });
});

it("says how late something is", () => {
  const d = 86_400e9;
  expect([until(3 * d, 0), until(0, 3 * d), until(d / 2, 0), until(null, 0), day(0)]).toEqual(["in 3 d", "late by 3 d", "in 12 h", "", "–"]);
});

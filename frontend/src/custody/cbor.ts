// Deterministic CBOR (RFC 8949, §4.2.1) for what an act can hold, byte for byte as Python writes it.

export type Plain = string | number | bigint | boolean | null | Uint8Array | Plain[] | Map<string | number, Plain> | { [key: string]: Plain };

export function encode(value: Plain): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  write(value, parts);
  return joined(parts);
}

export function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** The head of an item: its major type and a count, in the shortest form. */
export function head(major: number, count: number | bigint): Uint8Array {
  const n = BigInt(count);
  const top = major << 5;
  if (n < 24n) return Uint8Array.of(top | Number(n));
  const bytes = n < 1n << 8n ? 1 : n < 1n << 16n ? 2 : n < 1n << 32n ? 4 : 8;
  const out = new Uint8Array(1 + bytes);
  out[0] = top | (24 + Math.log2(bytes));
  for (let i = 0; i < bytes; i++) out[bytes - i] = Number((n >> BigInt(8 * i)) & 0xffn);
  return out;
}

function write(value: Plain, parts: Uint8Array[]): void {
  if (value === null) parts.push(Uint8Array.of(0xf6));
  else if (typeof value === "boolean") parts.push(Uint8Array.of(value ? 0xf5 : 0xf4));
  else if (typeof value === "number" || typeof value === "bigint") writeNumber(value, parts);
  else if (typeof value === "string") {
    const text = new TextEncoder().encode(value);
    parts.push(head(3, text.length), text);
  } else if (value instanceof Uint8Array) parts.push(head(2, value.length), value);
  else if (Array.isArray(value)) {
    parts.push(head(4, value.length));
    for (const one of value) write(one, parts);
  } else writeMap(value instanceof Map ? [...value] : Object.entries(value), parts);
}

function writeNumber(value: number | bigint, parts: Uint8Array[]): void {
  if (typeof value === "number" && !Number.isSafeInteger(value)) {
    throw new Error(`${value} is no whole number; expected one below 2^53, or a bigint`);
  }
  const n = BigInt(value);
  parts.push(n >= 0n ? head(0, n) : head(1, -1n - n));
}

function writeMap(entries: [string | number, Plain][], parts: Uint8Array[]): void {
  const rows = entries.map(([key, item]) => ({ key: encode(key), item: encode(item) }));
  rows.sort((a, b) => a.key.length - b.key.length || compare(a.key, b.key));
  parts.push(head(5, rows.length));
  for (const { key, item } of rows) parts.push(key, item);
}

function compare(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return 0;
}

/** Read CBOR as an act is written: whole numbers, texts, bytes, lists, maps; all else is refused. */
export function decode(data: Uint8Array): Plain {
  const from = { data, at: 0 };
  const value = read(from);
  if (from.at !== data.length) throw new Error("there are bytes after the end");
  return value;
}

function read(from: { data: Uint8Array; at: number }): Plain {
  const first = byte(from);
  const [major, low] = [first >> 5, first & 31];
  if (first === 0xf4 || first === 0xf5) return first === 0xf5;
  if (first === 0xf6) return null;
  if (major === 7 || low > 27) throw new Error(`byte 0x${first.toString(16)} stands for nothing that an act holds`);
  let n = BigInt(low);
  if (low > 23) {
    n = 0n;
    for (let i = 0; i < 1 << (low - 24); i++) n = (n << 8n) | BigInt(byte(from));
  }
  if (major === 0) return small(n);
  if (major === 1) return small(-1n - n);
  const count = Number(n);
  if (major === 2 || major === 3) {
    if (from.at + count > from.data.length) throw new Error("the bytes end too early");
    const part = from.data.slice(from.at, (from.at += count));
    return major === 2 ? part : new TextDecoder("utf-8", { fatal: true }).decode(part);
  }
  if (major === 4) return Array.from(rows(count, from), () => read(from));
  if (major === 5) return new Map(Array.from(rows(count, from), () => [read(from) as string | number, read(from)]));
  return read(from); // a tag: what it marks is what counts
}

function small(n: bigint): number | bigint {
  return n <= BigInt(Number.MAX_SAFE_INTEGER) && n >= BigInt(Number.MIN_SAFE_INTEGER) ? Number(n) : n;
}

function byte(from: { data: Uint8Array; at: number }): number {
  const found = from.data[from.at++];
  if (found === undefined) throw new Error("the bytes end too early");
  return found;
}

function rows(count: number, from: { data: Uint8Array; at: number }): { length: number } {
  if (count > from.data.length - from.at) throw new Error("the bytes end too early");
  return { length: count };
}

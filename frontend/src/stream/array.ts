// Arrays in the stream: msgpack ext type 1, as docs/records.md lays it out.
//
//   byte 0        number of dimensions d
//   byte 1        length s of the dtype string
//   2 … 2+s       numpy dtype string, little-endian or byte-sized ("<f8", "|u1", "|S8")
//   …             d × uint32 little-endian, the shape
//   rest          the elements, C order

/** One column of a batch: numbers, or fixed byte strings as text. */
export type Column = ArrayLike<number> | readonly string[];

export class StreamError extends Error {}

type Reader = (bytes: Uint8Array, count: number) => Column;

const READERS: Record<string, Reader> = {
  b1: (bytes) => bytes,
  u1: (bytes) => bytes,
  i1: (bytes) => new Int8Array(bytes.buffer),
  u2: (bytes) => new Uint16Array(bytes.buffer),
  i2: (bytes) => new Int16Array(bytes.buffer),
  u4: (bytes) => new Uint32Array(bytes.buffer),
  i4: (bytes) => new Int32Array(bytes.buffer),
  f4: (bytes) => new Float32Array(bytes.buffer),
  f8: (bytes) => new Float64Array(bytes.buffer),
  u8: (bytes) => Float64Array.from(new BigUint64Array(bytes.buffer), Number),
  i8: (bytes) => Float64Array.from(new BigInt64Array(bytes.buffer), Number),
};

const latin = new TextDecoder("latin1");

/** Read one array; throw `StreamError` when the bytes are not one. */
export function readArray(data: Uint8Array): Column {
  const dimensions = data[0] ?? 0;
  const dtypeLength = data[1] ?? 0;
  const start = 2 + dtypeLength + 4 * dimensions;
  if (data.length < start) throw new StreamError(`array head needs ${start} bytes, has ${data.length}`);
  const dtype = latin.decode(data.subarray(2, 2 + dtypeLength));
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  let count = 1;
  for (let d = 0; d < dimensions; d++) count *= view.getUint32(2 + dtypeLength + 4 * d, true);
  const kind = dtype.slice(1);
  const size = Number(kind.slice(1));
  if (!/^[<|][a-zA-Z]\d+$/.test(dtype) || data.length - start !== count * size) {
    throw new StreamError(`array ${dtype} of ${count} does not fit ${data.length - start} bytes`);
  }
  // A copy, because typed arrays need aligned memory and the message gives none.
  const bytes = data.slice(start);
  if (kind[0] === "S") return readTexts(bytes, count, size);
  const reader = READERS[kind];
  if (!reader) throw new StreamError(`array dtype ${dtype} is not one that records use`);
  return reader(bytes, count);
}

function readTexts(bytes: Uint8Array, count: number, size: number): readonly string[] {
  const texts = new Array<string>(count);
  for (let i = 0; i < count; i++) {
    let end = i * size;
    while (end < (i + 1) * size && bytes[end] !== 0) end++;
    texts[i] = end === i * size ? "" : latin.decode(bytes.subarray(i * size, end)).trim();
  }
  return texts;
}

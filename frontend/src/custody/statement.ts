// Signs an act in the browser: COSE_Sign1 (RFC 9052) over deterministic CBOR, RFC 9943 headers.

import { type Plain, decode, encode, head, joined } from "./cbor";

export interface Act {
  kind: string;
  by: string;
  at_ns: bigint;
  body: { [key: string]: Plain };
  refs: Uint8Array[];
  nonce: Uint8Array;
}

export interface Signer {
  /** The public key: 32 bytes of Ed25519. */
  public: Uint8Array;
  sign(message: Uint8Array<ArrayBuffer>): Promise<Uint8Array>;
}

const TYPE = "application/steppewatch-act+cbor";
const [ALG, CONTENT_TYPE, KID, CLAIMS] = [1, 3, 4, 15];
const EDDSA = -8;

export function packed(act: Act): Uint8Array<ArrayBuffer> {
  return encode({ kind: act.kind, by: act.by, at_ns: act.at_ns, nonce: act.nonce, refs: act.refs, body: act.body });
}

/** Name of an Ed25519 key: SHA-256 of `EdDSA`, a zero byte, and the key. */
export async function kidOf(key: Uint8Array): Promise<Uint8Array> {
  const named = joined([new TextEncoder().encode("EdDSA\0"), key]);
  return new Uint8Array(await crypto.subtle.digest("SHA-256", named));
}

export async function signAct(act: Act, signer: Signer): Promise<Uint8Array<ArrayBuffer>> {
  const claims = new Map<number, Plain>([[1, act.by], [2, act.kind], [6, act.at_ns / 1_000_000_000n]]);
  const headers = new Map<number, Plain>([[ALG, EDDSA], [CONTENT_TYPE, TYPE], [KID, await kidOf(signer.public)], [CLAIMS, claims]]);
  const [shielded, payload] = [encode(headers), packed(act)];
  const signature = await signer.sign(encode(["Signature1", shielded, new Uint8Array(), payload]));
  return joined([head(6, 18), encode([shielded, {}, payload, signature])]);
}

export function makeAct(kind: string, by: string, body: Act["body"], refs: Uint8Array[] = [], atMs = Date.now()): Act {
  return { kind, by, body, refs, at_ns: BigInt(Math.round(atMs)) * 1_000_000n, nonce: crypto.getRandomValues(new Uint8Array(16)) };
}

export function unhex(text: string): Uint8Array {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The act in a statement's bytes, once those are proved to be the ones that a leaf hash names. */
export async function actOf(statement: Uint8Array<ArrayBuffer>, leaf: string): Promise<Act> {
  const found = await crypto.subtle.digest("SHA-256", joined([Uint8Array.of(0), statement]));
  if (hex(new Uint8Array(found)) !== leaf) throw new Error("the node gave another statement than the one to be signed about");
  const payload = (decode(statement) as Plain[])[2] as Uint8Array;
  const told = decode(payload) as Map<string, Plain>;
  const body = Object.fromEntries(told.get("body") as Map<string, Plain>);
  return { kind: told.get("kind") as string, by: told.get("by") as string, at_ns: BigInt(told.get("at_ns") as number), body, refs: told.get("refs") as Uint8Array[], nonce: told.get("nonce") as Uint8Array };
}

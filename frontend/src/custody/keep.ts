// What this browser keeps: its person's key (which cannot be read out) and acts that wait for the net.

import type { Signer } from "./statement";

export interface Identity extends Signer {
  id: string;
}

interface KeptKey {
  id: string;
  public: Uint8Array;
  secret: CryptoKey;
}

/** An act that was signed and not yet handed in, or was refused. */
export interface Waiting {
  key?: number;
  statement: Uint8Array<ArrayBuffer>;
  words: string;
  items: string[];
  signedMs: number;
  photos: { sha256: string; data: Blob }[];
  refused?: string[];
}

const PEM = /-----BEGIN PRIVATE KEY-----([\s\S]+?)-----END PRIVATE KEY-----/;

let opened: Promise<IDBDatabase> | null = null;

function open(): Promise<IDBDatabase> {
  opened ??= new Promise((done, fail) => {
    const request = indexedDB.open("steppewatch-custody", 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("key");
      request.result.createObjectStore("waiting", { keyPath: "key", autoIncrement: true });
      request.result.createObjectStore("seen");
    };
    request.onsuccess = () => done(request.result);
    request.onerror = () => fail(request.error);
  });
  return opened;
}

async function run<T>(store: string, mode: IDBTransactionMode, work: (kept: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const db = await open();
  return new Promise((done, fail) => {
    const change = db.transaction(store, mode);
    const request = work(change.objectStore(store));
    change.oncomplete = () => done(request.result);
    change.onabort = () => fail(change.error ?? request.error);
  });
}

export async function identity(): Promise<Identity | null> {
  const kept = await run<KeptKey | undefined>("key", "readonly", (store) => store.get("me"));
  return kept ? { id: kept.id, public: kept.public, sign: signing(kept.secret) } : null;
}

function signing(secret: CryptoKey): Signer["sign"] {
  return async (message) => new Uint8Array(await crypto.subtle.sign("Ed25519", secret, message));
}

/** Make a key that never leaves this browser. */
export async function makeIdentity(id: string): Promise<Identity> {
  const pair = (await crypto.subtle.generateKey("Ed25519", false, ["sign", "verify"])) as CryptoKeyPair;
  const open = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  return keep(id, open, pair.privateKey);
}

/** Take over a key from a PKCS#8 file; here it can then be used and not be read out. */
export async function importIdentity(id: string, pem: string): Promise<Identity> {
  const inner = PEM.exec(pem)?.[1];
  if (!inner) throw new Error("this file holds no unsealed private key (PKCS#8 PEM)");
  const der = Uint8Array.from(atob(inner.replace(/\s/g, "")), (c) => c.charCodeAt(0));
  const readable = await crypto.subtle.importKey("pkcs8", der, "Ed25519", true, ["sign"]);
  const x = (await crypto.subtle.exportKey("jwk", readable)).x!;
  const open = Uint8Array.from(atob(x.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  return keep(id, open, await crypto.subtle.importKey("pkcs8", der, "Ed25519", false, ["sign"]));
}

async function keep(id: string, open: Uint8Array, secret: CryptoKey): Promise<Identity> {
  await run("key", "readwrite", (store) => store.put({ id, public: open, secret } satisfies KeptKey, "me"));
  return { id, public: open, sign: signing(secret) };
}

export async function forget(): Promise<void> {
  await run("key", "readwrite", (store) => store.delete("me"));
}

export const addWaiting = (one: Waiting) => run("waiting", "readwrite", (store) => store.put(one));
export const listWaiting = () => run<Waiting[]>("waiting", "readonly", (store) => store.getAll());
export const dropWaiting = (key: number) => run("waiting", "readwrite", (store) => store.delete(key));
export const keepSeen = (what: string, value: unknown) => run("seen", "readwrite", (store) => store.put(value, what));
export const recall = <T>(what: string) => run<T | undefined>("seen", "readonly", (store) => store.get(what));

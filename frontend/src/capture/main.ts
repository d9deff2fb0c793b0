// Inventory on a phone: read or type what is there, sign it here, hand it in when there is a net.

import "../style/page.css";
// All pages share these three, in this order: what only some of them took would be loaded apart,
// and the rules for small screens would come before those that they change.
import "../style/night.css";
import "../style/map.css";
import "../style/custody.css";
import { Refused, type State, fetchState, handIn, handInPhoto } from "../custody/client";
import { type Identity, type Waiting, addWaiting, dropWaiting, identity, keepSeen, listWaiting, recall } from "../custody/keep";
import { askWho } from "../custody/signing";
import { hex, makeAct, signAct, unhex } from "../custody/statement";
import { h } from "../dom";
import { closest } from "./match";

type How = "code" | "hand" | "photo";
interface Sighting { item: string; site: string; captured_ns: bigint; how: How; condition: string; photo?: Uint8Array }
interface Expected { uid: string; title: string; site: string }
interface Reader { detect(source: HTMLVideoElement): Promise<{ rawValue: string }[]> }

const CACHE = "steppewatch-capture";
const AGAIN_MS = 5000;
let me: Identity | null = null;
let expected: Expected[] = [];
let seen: Sighting[] = [];
let photos: Waiting["photos"] = [];

const line = h("p", { class: "bar-state", role: "status" });
const who = h("button", { type: "button", onclick: () => void chooseWho() }, "Who signs?");
const typed = h("input", { type: "text", placeholder: "serial on the plate", "aria-label": "serial", autocomplete: "off" });
const guesses = h("div", {});
const list = h("section", { "aria-label": "expected items" });
const queue = h("section", { "aria-label": "waiting" });
const video = h("video", { hidden: true, playsinline: true, muted: true });
const scan = h("button", { type: "button", onclick: () => void readCode() }, "Read a code");
const shot = h("input", { type: "file", accept: "image/jpeg,image/png,image/webp", capture: "environment", "aria-label": "photograph of the next item" });
const seal = h("button", { type: "button", class: "primary", onclick: () => void signAll() }, "Sign");

document.body.className = "capture custody-page";
document.body.append(
  h("header", {}, h("strong", {}, "Inventory"), who), line, video,
  h("div", { class: "find" }, typed, scan), guesses, h("label", { class: "soft" }, "Photograph for the next one ", shot), list, seal, queue);
typed.addEventListener("input", guess);
window.addEventListener("online", () => void sync());
window.addEventListener("offline", tell);
if (!("BarcodeDetector" in window)) scan.hidden = true;
void begin();

async function begin(): Promise<void> {
  me = await identity().catch(() => null);
  expected = (await recall<Expected[]>("expected").catch(() => undefined)) ?? [];
  void keepPage();
  for (;;) {
    await sync();
    await new Promise((done) => window.setTimeout(done, AGAIN_MS));
  }
}

/** Keep this page and its parts, so that it opens where there is no net. */
async function keepPage(): Promise<void> {
  if (!("serviceWorker" in navigator)) return;
  await navigator.serviceWorker.register("./capture-worker.js");
  const parts = [...document.querySelectorAll<HTMLElement>("script[src], link[href]")].map((one) => one.getAttribute("src") ?? one.getAttribute("href")!);
  const loaded = performance.getEntriesByType("resource").map((one) => one.name).filter((name) => name.includes("/assets/"));
  const kept = await caches.open(CACHE);
  // One address each: the cache refuses a list that names one twice.
  const wanted = ["./capture.html", ...parts, ...loaded].map((name) => new URL(name, location.href).href);
  await kept.addAll([...new Set(wanted)]);
}

/** Hand in what waits, in order; what was refused stays, with the reason. */
async function sync(): Promise<void> {
  try {
    const state: State = await fetchState();
    expected = state.items.map((item) => ({ uid: item.key, title: String(item["title"] ?? item["part"] ?? ""), site: String(item["site"] ?? "") }));
    await keepSeen("expected", expected);
    for (const one of await listWaiting()) if (!one.refused) await handOne(one);
  } catch {
    // No net: everything stays in this phone.
  }
  await show();
}

async function handOne(one: Waiting): Promise<void> {
  try {
    for (const photo of one.photos) await handInPhoto(photo.data);
    await handIn(one.statement);
    await dropWaiting(one.key!);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    await addWaiting({ ...one, refused: error.reasons });
  }
}

function tell(): void {
  line.textContent = navigator.onLine ? `${expected.length} items expected` : `No net: what you sign waits in this phone. ${expected.length} items expected`;
  who.textContent = me ? me.id : "Who signs?";
  seal.textContent = seen.length ? `Sign ${seen.length} seen` : "Nothing seen yet";
  seal.disabled = seen.length === 0;
}

async function show(): Promise<void> {
  tell();
  const waiting = await listWaiting();
  const signed = new Set(waiting.filter((one) => !one.refused).flatMap((one) => one.items));
  list.replaceChildren(...expected.map((item) => {
    const found = seen.find((one) => one.item === item.uid);
    return h("div", { class: "item", "data-seen": found || signed.has(item.uid) ? "true" : undefined }, h("span", {}, `${item.uid} `, h("span", { class: "soft" }, item.title)),
      found || signed.has(item.uid) ? h("span", {}, found ? `seen (${found.how})` : "signed") : h("button", { type: "button", onclick: () => void note(item.uid, "hand") }, "Seen"));
  }));
  queue.replaceChildren(...waiting.map((one) => h("div", { class: "waiting", "data-refused": one.refused ? "true" : undefined },
    h("div", {}, one.words), h("div", { class: "soft" }, one.refused ? `Refused: ${one.refused.join("; ")}` : "signed; waits for the net"),
    one.refused ? h("button", { type: "button", onclick: () => void dropWaiting(one.key!).then(show) }, "I have read it") : null)));
}

function guess(): void {
  const found = closest(typed.value, expected.map((item) => item.uid));
  guesses.replaceChildren(...found.map((uid) => h("button", { type: "button", class: "guess", onclick: () => void note(uid, "hand") }, `It is ${uid}`)));
}

async function note(uid: string, how: How): Promise<void> {
  if (seen.some((one) => one.item === uid)) return;
  const sighting: Sighting = { item: uid, site: expected.find((one) => one.uid === uid)?.site ?? "", captured_ns: BigInt(Date.now()) * 1_000_000n, how, condition: "good" };
  const picture = shot.files?.[0];
  if (picture) {
    const hash = hex(new Uint8Array(await crypto.subtle.digest("SHA-256", await picture.arrayBuffer())));
    photos.push({ sha256: hash, data: picture });
    Object.assign(sighting, { photo: unhex(hash), how: "photo" });
    shot.value = "";
  }
  seen.push(sighting);
  typed.value = "";
  guess();
  await show();
}

async function readCode(): Promise<void> {
  const Detector = (window as unknown as { BarcodeDetector: new (options: object) => Reader }).BarcodeDetector;
  const reader = new Detector({ formats: ["qr_code", "code_128", "data_matrix"] });
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } }).catch(() => null);
  if (!stream) return void (line.textContent = "No camera: type the serial.");
  video.srcObject = stream;
  video.hidden = false;
  await video.play();
  const ends = Date.now() + 20_000;
  while (Date.now() < ends) {
    const code = (await reader.detect(video).catch(() => []))[0]?.rawValue;
    const uid = code && expected.find((item) => code.endsWith(item.uid))?.uid;
    if (uid) {
      await note(uid, "code");
      break;
    }
    await new Promise((done) => window.setTimeout(done, 150));
  }
  for (const track of stream.getTracks()) track.stop();
  video.hidden = true;
}

async function chooseWho(): Promise<void> {
  me = await askWho(me);
  tell();
}

/** Sign everything seen as one act; it waits in this phone until it was handed in. */
async function signAll(): Promise<void> {
  if (!me) await chooseWho();
  if (!me || seen.length === 0) return;
  const act = makeAct("sighted", me.id, { sightings: seen.map((one) => ({ ...one })) });
  await addWaiting({ statement: await signAct(act, me), words: `${seen.length} seen by ${me.id}: ${seen.map((one) => one.item).join(", ")}`, items: seen.map((one) => one.item), signedMs: Date.now(), photos });
  [seen, photos] = [[], []];
  await sync();
}

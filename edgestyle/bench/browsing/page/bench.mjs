// What edgestyle calls in the page: open a file, time files, give back what one draws.
import { clockResolutionMs, measureInTurns, timeOnceMs } from "./timing.mjs";

const RUNTIMES = { onnx: "./onnx.mjs", tflite: "./litert.mjs" };
const opened = [];

// What the browser says of itself.
async function describe() {
  return {
    user_agent: navigator.userAgent,
    cores: navigator.hardwareConcurrency,
    cross_origin_isolated: crossOriginIsolated,
    clock_resolution_ms: clockResolutionMs(),
    webgpu_adapter: await describeAdapter(),
  };
}

async function describeAdapter() {
  const adapter = await navigator.gpu?.requestAdapter();
  if (!adapter) return null;
  const { vendor, architecture, device, description, isFallbackAdapter } = adapter.info;
  return { vendor, architecture, device, description, software: Boolean(isFallbackAdapter) };
}

// Open a file and run it once. `request`: file, sidecar and inputs by URL, `signature`, `backend`, `threads`.
async function open(request) {
  const sidecar = await (await load(request.sidecar)).json();
  const bytes = new Uint8Array(await (await load(request.file)).arrayBuffer());
  const inputs = await Promise.all(sidecar.inputs.map((spec) => loadInput(spec, request.inputs[spec.name])));
  const start = performance.now(); // a page waits for the runtime, too
  const runtime = await import(RUNTIMES[sidecar.format]);
  const run = await runtime.open(bytes, inputs, { ...request, output: sidecar.outputs[0].name });
  const loadMs = performance.now() - start;
  opened.push(run);
  return { index: opened.length - 1, load_ms: loadMs, first_run_ms: await timeOnceMs(run) };
}

// Open a file with a runtime that tells on the console what runs its operators; only ONNX Runtime does.
async function tell(request) {
  const bytes = new Uint8Array(await (await load(request.file)).arrayBuffer());
  await (await import(RUNTIMES.onnx)).open(bytes, [], { ...request, verbose: true });
}

async function load(url) {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${answer.statusText}`);
  return answer;
}

// A tensor as both runtimes take it apart: name, sizes by axis, typed array.
async function loadInput(spec, { url, shape }) {
  const bytes = await (await load(url)).arrayBuffer();
  const data = spec.dtype === "uint8" ? new Uint8Array(bytes) : new Float32Array(bytes);
  return { name: spec.name, shape, dtype: spec.dtype, data };
}

// Spans and warm-ups of opened files, in turns where there are several.
function measure(indices, plan) {
  return measureInTurns(indices.map((index) => opened[index]), plan);
}

// Draw once more and send what came out.
async function send(index, url) {
  const drawn = await opened[index]();
  await fetch(url, { method: "POST", body: new Uint8Array(drawn.buffer, drawn.byteOffset, drawn.byteLength) });
}

window.bench = { describe, open, tell, measure, send };

// .tflite files by LiteRT.js.
import { loadAndCompile, loadLiteRt, Tensor } from "@litertjs/core";

let runtime = null; // it may be loaded once a page

export async function open(bytes, inputs, { backend, threads, signature, output }) {
  runtime ??= loadLiteRt("/packages/@litertjs/core/wasm/", { threads: threads > 1 });
  await runtime;
  const model = await loadAndCompile(bytes, { accelerator: backend, cpuOptions: { numThreads: threads } });
  if (backend === "webgpu" && !model.isFullyAccelerated)
    throw new Error("LiteRT.js does not run all of its operators on WebGPU");
  const feeds = Object.fromEntries(inputs.map((one) => [one.name, new Tensor(one.data, one.shape)]));
  return () => draw(model, signature, feeds, output);
}

// The output as a typed array of its own; tensors are freed by hand in this runtime.
async function draw(model, signature, feeds, output) {
  const drawn = await model.run(signature, feeds);
  const values = await drawn[output].data();
  for (const tensor of Object.values(drawn)) tensor.delete();
  return values;
}

// .onnx files by ONNX Runtime Web, which fetches its WebAssembly from beside its script.
export async function open(bytes, inputs, { backend, threads, output, verbose }) {
  const ort = await import(backend === "webgpu" ? "onnxruntime-web/webgpu" : "onnxruntime-web/wasm");
  ort.env.wasm.numThreads = threads;
  ort.env.logLevel = verbose ? "verbose" : "error";
  const options = { executionProviders: [backend], logSeverityLevel: verbose ? 0 : 3 };
  const session = await ort.InferenceSession.create(bytes, options);
  const feeds = Object.fromEntries(inputs.map((one) => [one.name, new ort.Tensor(one.dtype, one.data, one.shape)]));
  return async () => (await session.run(feeds, [output]))[output].data;
}

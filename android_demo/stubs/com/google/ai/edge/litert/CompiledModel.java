package com.google.ai.edge.litert;

import java.util.List;
import java.util.Map;
public final class CompiledModel implements AutoCloseable {
    public static CompiledModel create(String filePath, Options options, Environment optionalEnv) throws LiteRtException { throw new RuntimeException("stub"); }
    public TensorBuffer createInputBuffer(String inputName, String signature) throws LiteRtException { throw new RuntimeException("stub"); }
    public TensorBuffer createOutputBuffer(String outputName, String signature) throws LiteRtException { throw new RuntimeException("stub"); }
    public List<TensorBuffer> createInputBuffers(int signatureIndex) throws LiteRtException { throw new RuntimeException("stub"); }
    public List<TensorBuffer> createOutputBuffers(int signatureIndex) throws LiteRtException { throw new RuntimeException("stub"); }
    public void run(List<TensorBuffer> inputs, List<TensorBuffer> outputs, int signatureIndex) throws LiteRtException {}
    public void run(Map<String, TensorBuffer> inputs, Map<String, TensorBuffer> outputs, String signature) throws LiteRtException {}
    @Override public void close() {}
    public static final class Options {
        public Options(Accelerator... accelerators) {}
        public CpuOptions getCpuOptions() { throw new RuntimeException("stub"); }
        public void setCpuOptions(CpuOptions cpuOptions) {}
    }
    public static final class CpuOptions {
        public CpuOptions(Integer numThreads, Integer xnnPackFlags, String xnnPackWeightCachePath) {}
    }
}

package com.google.ai.edge.litert;

public final class TensorBuffer implements AutoCloseable {
    public void writeFloat(float[] data) throws LiteRtException {}
    public float[] readFloat() throws LiteRtException { throw new RuntimeException("stub"); }
    @Override public void close() {}
}

package android.media;

public abstract class Image implements AutoCloseable {
    public abstract int getWidth();
    public abstract int getHeight();
    public abstract Plane[] getPlanes();
    @Override public abstract void close();
    public static abstract class Plane {
        public abstract java.nio.ByteBuffer getBuffer();
        public abstract int getPixelStride();
        public abstract int getRowStride();
    }
}

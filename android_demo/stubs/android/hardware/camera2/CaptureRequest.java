package android.hardware.camera2;

public final class CaptureRequest {
    public static final int CONTROL_AF_MODE_CONTINUOUS_VIDEO = 3;
    public static final int CONTROL_AF_MODE_CONTINUOUS_PICTURE = 4;
    public static final Key<Integer> CONTROL_AF_MODE = null;
    public static final Key<Integer> JPEG_ORIENTATION = null;
    public static final Key<Byte> JPEG_QUALITY = null;
    public static final class Key<T> {
    }
    public static final class Builder {
        public void addTarget(android.view.Surface outputTarget) {}
        public <T> void set(Key<T> key, T value) {}
        public CaptureRequest build() { throw new RuntimeException("stub"); }
    }
}

package android.hardware.camera2;

public class CameraAccessException extends Exception {
    public CameraAccessException(int problem) {}
    public final int getReason() { throw new RuntimeException("stub"); }
}

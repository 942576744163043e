package android.hardware.camera2;

public abstract class CameraCaptureSession {
    public abstract CameraDevice getDevice();
    public abstract int capture(CaptureRequest request, CaptureCallback listener, android.os.Handler handler) throws CameraAccessException;
    public abstract int setRepeatingRequest(CaptureRequest request, CaptureCallback listener, android.os.Handler handler) throws CameraAccessException;
    public static abstract class CaptureCallback {
        public CaptureCallback() {}
        public void onCaptureFailed(CameraCaptureSession session, CaptureRequest request, CaptureFailure failure) {}
    }
    public static abstract class StateCallback {
        public StateCallback() {}
        public abstract void onConfigured(CameraCaptureSession session);
        public abstract void onConfigureFailed(CameraCaptureSession session);
    }
}

package android.hardware.camera2;

public abstract class CameraDevice {
    public static final int TEMPLATE_PREVIEW = 1;
    public static final int TEMPLATE_STILL_CAPTURE = 2;
    public abstract void close();
    public abstract CaptureRequest.Builder createCaptureRequest(int templateType) throws CameraAccessException;
    @Deprecated
    public abstract void createCaptureSession(java.util.List<android.view.Surface> outputs, CameraCaptureSession.StateCallback callback, android.os.Handler handler) throws CameraAccessException;
    public static abstract class StateCallback {
        public StateCallback() {}
        public void onClosed(CameraDevice camera) {}
        public abstract void onOpened(CameraDevice camera);
        public abstract void onDisconnected(CameraDevice camera);
        public abstract void onError(CameraDevice camera, int error);
    }
}

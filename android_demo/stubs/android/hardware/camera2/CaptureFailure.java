package android.hardware.camera2;

public class CaptureFailure {
}

package android.hardware.display;

public final class DisplayManager {
    public void registerDisplayListener(DisplayListener listener, android.os.Handler handler) {}
    public void unregisterDisplayListener(DisplayListener listener) {}
    public interface DisplayListener {
        void onDisplayAdded(int displayId);
        void onDisplayRemoved(int displayId);
        void onDisplayChanged(int displayId);
    }
}

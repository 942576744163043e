package android.media;

public class ImageReader implements AutoCloseable {
    public static ImageReader newInstance(int width, int height, int format, int maxImages) { throw new RuntimeException("stub"); }
    public Image acquireLatestImage() { throw new RuntimeException("stub"); }
    public Image acquireNextImage() { throw new RuntimeException("stub"); }
    public android.view.Surface getSurface() { throw new RuntimeException("stub"); }
    public void setOnImageAvailableListener(OnImageAvailableListener listener, android.os.Handler handler) {}
    @Override public void close() {}
    public interface OnImageAvailableListener {
        void onImageAvailable(ImageReader reader);
    }
}

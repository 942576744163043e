package android.graphics;

public final class Bitmap {
    public static Bitmap createBitmap(int width, int height, Config config) { throw new RuntimeException("stub"); }
    public static Bitmap createBitmap(int[] colors, int width, int height, Config config) { throw new RuntimeException("stub"); }
    public int getWidth() { throw new RuntimeException("stub"); }
    public int getHeight() { throw new RuntimeException("stub"); }
    public void getPixels(int[] pixels, int offset, int stride, int x, int y, int width, int height) {}
    public void setPixels(int[] pixels, int offset, int stride, int x, int y, int width, int height) {}
    public boolean compress(CompressFormat format, int quality, java.io.OutputStream stream) { throw new RuntimeException("stub"); }
    public void recycle() {}
    public enum Config { ARGB_8888 }
    public enum CompressFormat { PNG }
}

package android.graphics;

public final class BitmapRegionDecoder {
    @Deprecated
    @org.jetbrains.annotations.Nullable
    public static BitmapRegionDecoder newInstance(java.io.InputStream is, boolean isShareable) throws java.io.IOException { throw new RuntimeException("stub"); }
    public Bitmap decodeRegion(Rect rect, BitmapFactory.Options options) { throw new RuntimeException("stub"); }
    public int getWidth() { throw new RuntimeException("stub"); }
    public int getHeight() { throw new RuntimeException("stub"); }
    public void recycle() {}
}

package android.graphics;

public class BitmapFactory {
    public static Bitmap decodeStream(java.io.InputStream is) { throw new RuntimeException("stub"); }
    @org.jetbrains.annotations.Nullable
    public static Bitmap decodeStream(java.io.InputStream is, android.graphics.Rect outPadding, Options opts) { throw new RuntimeException("stub"); }
    public static class Options {
        public boolean inJustDecodeBounds;
        public int inSampleSize;
        public Bitmap.Config inPreferredConfig;
        public ColorSpace inPreferredColorSpace;
        public int outWidth;
        public int outHeight;
        public Options() {}
    }
}

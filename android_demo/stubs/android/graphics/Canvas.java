package android.graphics;

public class Canvas {
    public void drawBitmap(Bitmap bitmap, Rect src, RectF dst, Paint paint) {}
}

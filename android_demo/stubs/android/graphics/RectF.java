package android.graphics;

public class RectF {
    public RectF() {}
    public void set(float left, float top, float right, float bottom) {}
}

package android.view;

public class View {
    public static final int VISIBLE = 0;
    public static final int INVISIBLE = 4;
    public static final int GONE = 8;
    public View(android.content.Context context) {}
    public View(android.content.Context context, android.util.AttributeSet attrs) {}
    public final <T extends View> T findViewById(int id) { throw new RuntimeException("stub"); }
    public final android.content.Context getContext() { throw new RuntimeException("stub"); }
    public ViewGroup.LayoutParams getLayoutParams() { throw new RuntimeException("stub"); }
    public final ViewParent getParent() { throw new RuntimeException("stub"); }
    public final int getWidth() { throw new RuntimeException("stub"); }
    public final int getHeight() { throw new RuntimeException("stub"); }
    public int getVisibility() { throw new RuntimeException("stub"); }
    public void setVisibility(int visibility) {}
    public boolean isSelected() { throw new RuntimeException("stub"); }
    public void setSelected(boolean selected) {}
    public boolean isPressed() { throw new RuntimeException("stub"); }
    public void setPressed(boolean pressed) {}
    public boolean isEnabled() { throw new RuntimeException("stub"); }
    public void setEnabled(boolean enabled) {}
    public float getAlpha() { throw new RuntimeException("stub"); }
    public void setAlpha(float alpha) {}
    public int getId() { throw new RuntimeException("stub"); }
    public void setId(int id) {}
    public CharSequence getContentDescription() { throw new RuntimeException("stub"); }
    public void setContentDescription(CharSequence contentDescription) {}
    public boolean getClipToOutline() { throw new RuntimeException("stub"); }
    public void setClipToOutline(boolean clipToOutline) {}
    public void setBackgroundResource(int resid) {}
    public void setOnClickListener(OnClickListener l) {}
    public void setOnTouchListener(OnTouchListener l) {}
    public boolean post(Runnable action) { throw new RuntimeException("stub"); }
    public void invalidate() {}
    protected void onDraw(android.graphics.Canvas canvas) {}
    public interface OnClickListener {
        void onClick(View v);
    }
    public interface OnTouchListener {
        boolean onTouch(View v, MotionEvent event);
    }
}

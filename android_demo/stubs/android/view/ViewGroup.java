package android.view;

public abstract class ViewGroup extends View implements ViewParent {
    public ViewGroup(android.content.Context context) { super(context); }
    public void addView(View child) {}
    public void addView(View child, int index, LayoutParams params) {}
    public void removeView(View view) {}
    public void removeAllViews() {}
    public void requestChildFocus(View child, View focused) {}
    public static class LayoutParams {
    }
}

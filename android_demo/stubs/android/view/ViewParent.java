package android.view;

public interface ViewParent {
    void requestChildFocus(View child, View focused);
}

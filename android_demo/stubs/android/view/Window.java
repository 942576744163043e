package android.view;

public abstract class Window {
    public abstract View getDecorView();
    public void addFlags(int flags) {}
    public void clearFlags(int flags) {}
}

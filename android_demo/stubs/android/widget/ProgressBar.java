package android.widget;

public class ProgressBar extends android.view.View {
    public ProgressBar(android.content.Context context) { super(context); }
    public int getMax() { throw new RuntimeException("stub"); }
    public void setMax(int max) {}
    public int getProgress() { throw new RuntimeException("stub"); }
    public void setProgress(int progress) {}
}

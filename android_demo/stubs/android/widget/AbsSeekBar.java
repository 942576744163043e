package android.widget;

public abstract class AbsSeekBar extends ProgressBar {
    public AbsSeekBar(android.content.Context context) { super(context); }
}

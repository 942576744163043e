package android.widget;

public class Spinner extends android.view.ViewGroup {
    public Spinner(android.content.Context context) { super(context); }
    public SpinnerAdapter getAdapter() { throw new RuntimeException("stub"); }
    public void setAdapter(SpinnerAdapter adapter) {}
    public int getSelectedItemPosition() { throw new RuntimeException("stub"); }
}

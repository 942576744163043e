package android.widget;

public abstract class AdapterView<T> extends android.view.ViewGroup {
    public AdapterView(android.content.Context context) { super(context); }
    @org.jetbrains.annotations.Nullable
    public final OnItemSelectedListener getOnItemSelectedListener() { throw new RuntimeException("stub"); }
    public void setOnItemSelectedListener(OnItemSelectedListener listener) {}
    public int getSelectedItemPosition() { throw new RuntimeException("stub"); }
    public interface OnItemSelectedListener {
        void onItemSelected(AdapterView<?> parent, android.view.View view, int position, long id);
        void onNothingSelected(AdapterView<?> parent);
    }
}

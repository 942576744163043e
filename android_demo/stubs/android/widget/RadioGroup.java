package android.widget;

public class RadioGroup extends LinearLayout {
    public RadioGroup(android.content.Context context) { super(context); }
    public void check(int id) {}
    public int getCheckedRadioButtonId() { throw new RuntimeException("stub"); }
    public void setOnCheckedChangeListener(OnCheckedChangeListener listener) {}
    public interface OnCheckedChangeListener {
        void onCheckedChanged(RadioGroup group, int checkedId);
    }
}

package android.view;

public abstract class LayoutInflater {
    public static LayoutInflater from(android.content.Context context) { throw new RuntimeException("stub"); }
    public View inflate(int resource, ViewGroup root, boolean attachToRoot) { throw new RuntimeException("stub"); }
}

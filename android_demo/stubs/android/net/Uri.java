package android.net;

public abstract class Uri implements android.os.Parcelable {
    public static Uri parse(String uriString) { throw new RuntimeException("stub"); }
    public static Uri fromParts(String scheme, String ssp, String fragment) { throw new RuntimeException("stub"); }
    @org.jetbrains.annotations.Nullable
    public abstract String getScheme();
    @Override public abstract String toString();
}

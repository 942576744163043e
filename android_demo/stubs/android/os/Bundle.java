package android.os;

public final class Bundle {
    @org.jetbrains.annotations.Nullable
    public String getString(String key) { throw new RuntimeException("stub"); }
    public boolean containsKey(String key) { throw new RuntimeException("stub"); }
    public float getFloat(String key) { throw new RuntimeException("stub"); }
    @org.jetbrains.annotations.Nullable
    public float[] getFloatArray(String key) { throw new RuntimeException("stub"); }
    public boolean getBoolean(String key) { throw new RuntimeException("stub"); }
    public void putBoolean(String key, boolean value) {}
    public void putString(String key, String value) {}
    public void putFloat(String key, float value) {}
    public void putFloatArray(String key, float[] value) {}
}

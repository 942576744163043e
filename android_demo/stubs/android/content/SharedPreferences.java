package android.content;

public interface SharedPreferences {
    @org.jetbrains.annotations.Nullable
    String getString(String key, String defValue);
    boolean getBoolean(String key, boolean defValue);
    float getFloat(String key, float defValue);
    Editor edit();
    interface Editor {
        Editor putString(String key, String value);
        Editor putBoolean(String key, boolean value);
        Editor putFloat(String key, float value);
        void apply();
    }
}

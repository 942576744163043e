package android.content;

public abstract class Context {
    public static final int MODE_PRIVATE = 0;
    public static final String CAMERA_SERVICE = "camera";
    public static final String DISPLAY_SERVICE = "display";
    public static final String POWER_SERVICE = "power";
    public android.content.res.AssetManager getAssets() { throw new RuntimeException("stub"); }
    public android.content.res.Resources getResources() { throw new RuntimeException("stub"); }
    public android.content.pm.PackageManager getPackageManager() { throw new RuntimeException("stub"); }
    public ContentResolver getContentResolver() { throw new RuntimeException("stub"); }
    public Context getApplicationContext() { throw new RuntimeException("stub"); }
    public final String getString(int resId) { throw new RuntimeException("stub"); }
    public final String getString(int resId, Object... formatArgs) { throw new RuntimeException("stub"); }
    public final int getColor(int id) { throw new RuntimeException("stub"); }
    public String getPackageName() { throw new RuntimeException("stub"); }
    public SharedPreferences getSharedPreferences(String name, int mode) { throw new RuntimeException("stub"); }
    public java.io.File getFilesDir() { throw new RuntimeException("stub"); }
    public java.io.File getNoBackupFilesDir() { throw new RuntimeException("stub"); }
    public Object getSystemService(String name) { throw new RuntimeException("stub"); }
    public int checkSelfPermission(String permission) { throw new RuntimeException("stub"); }
    public void startActivity(Intent intent) {}
}

package android.app;

public class Activity extends android.view.ContextThemeWrapper {
    public static final int RESULT_OK = -1;
    protected void onCreate(android.os.Bundle savedInstanceState) {}
    protected void onResume() {}
    protected void onPause() {}
    protected void onDestroy() {}
    protected void onSaveInstanceState(android.os.Bundle outState) {}
    protected void onActivityResult(int requestCode, int resultCode, android.content.Intent data) {}
    public void onRequestPermissionsResult(int requestCode, String[] permissions, int[] grantResults) {}
    public void setContentView(int layoutResID) {}
    public void setContentView(android.view.View view) {}
    public <T extends android.view.View> T findViewById(int id) { throw new RuntimeException("stub"); }
    public android.content.Intent getIntent() { throw new RuntimeException("stub"); }
    public android.view.LayoutInflater getLayoutInflater() { throw new RuntimeException("stub"); }
    public android.view.Window getWindow() { throw new RuntimeException("stub"); }
    public android.view.WindowManager getWindowManager() { throw new RuntimeException("stub"); }
    public void finish() {}
    public boolean isDestroyed() { throw new RuntimeException("stub"); }
    public final void runOnUiThread(Runnable action) {}
    public final void requestPermissions(String[] permissions, int requestCode) {}
    public boolean shouldShowRequestPermissionRationale(String permission) { throw new RuntimeException("stub"); }
    public void startActivityForResult(android.content.Intent intent, int requestCode) {}
}

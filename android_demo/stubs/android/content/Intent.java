package android.content;

public class Intent {
    public static final String ACTION_SEND = "android.intent.action.SEND";
    public static final String ACTION_GET_CONTENT = "android.intent.action.GET_CONTENT";
    public static final String ACTION_CREATE_DOCUMENT = "android.intent.action.CREATE_DOCUMENT";
    public static final String CATEGORY_OPENABLE = "android.intent.category.OPENABLE";
    public static final String EXTRA_STREAM = "android.intent.extra.STREAM";
    public static final String EXTRA_TITLE = "android.intent.extra.TITLE";
    public static final int FLAG_GRANT_READ_URI_PERMISSION = 0x00000001;
    public Intent(String action) {}
    public Intent(String action, android.net.Uri uri) {}
    public Intent(Context packageContext, Class<?> cls) {}
    public static Intent createChooser(Intent target, CharSequence title) { throw new RuntimeException("stub"); }
    @org.jetbrains.annotations.Nullable
    public String getAction() { throw new RuntimeException("stub"); }
    @org.jetbrains.annotations.Nullable
    public android.net.Uri getData() { throw new RuntimeException("stub"); }
    @org.jetbrains.annotations.Nullable
    public String getStringExtra(String name) { throw new RuntimeException("stub"); }
    public int getIntExtra(String name, int defaultValue) { throw new RuntimeException("stub"); }
    public float getFloatExtra(String name, float defaultValue) { throw new RuntimeException("stub"); }
    @Deprecated
    @org.jetbrains.annotations.Nullable
    public <T extends android.os.Parcelable> T getParcelableExtra(String name) { throw new RuntimeException("stub"); }
    public <T> T getParcelableExtra(String name, Class<T> clazz) { throw new RuntimeException("stub"); }
    public Intent setType(String type) { throw new RuntimeException("stub"); }
    public Intent addCategory(String category) { throw new RuntimeException("stub"); }
    public Intent addFlags(int flags) { throw new RuntimeException("stub"); }
    public Intent putExtra(String name, String value) { throw new RuntimeException("stub"); }
    public Intent putExtra(String name, android.os.Parcelable value) { throw new RuntimeException("stub"); }
}

package android.os;

public class Environment {
    public static String DIRECTORY_PICTURES = "Pictures";
    public static java.io.File getExternalStoragePublicDirectory(String type) { throw new RuntimeException("stub"); }
}

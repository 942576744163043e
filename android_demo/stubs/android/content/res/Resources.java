package android.content.res;

public class Resources {
    public Configuration getConfiguration() { throw new RuntimeException("stub"); }
    public int getIdentifier(String name, String defType, String defPackage) { throw new RuntimeException("stub"); }
}

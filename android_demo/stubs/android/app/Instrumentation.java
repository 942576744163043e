package android.app;

public class Instrumentation {
    public android.content.Context getContext() { throw new RuntimeException("stub"); }
    public android.content.Context getTargetContext() { throw new RuntimeException("stub"); }
}
